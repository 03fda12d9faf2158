#!lua flags=allow-oom
-- An answer, or the want of one, after which the job goes on.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  job id
-- ARGV[2]  fence of the claim
-- ARGV[3]  Rate-Limit-Remaining or ''
-- ARGV[4]  Rate-Limit-Limit or ''
-- ARGV[5]  Rate-Limit-Reset in microseconds or ''
-- ARGV[6]  JSON object of strings: outcome, code, message, wait_us, is_answered ('1' or ''), invoice_id, warnings
-- Replies  { waiting } | { scheduled } | { dead } its attempts are used | { lease_lost }
local id, fence, remaining, limit, reset_us, answer = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], cjson.decode(ARGV[6])

local claim = { id = id, meta = read_hash(meta_key(id)), answer = answer, was_open = is_open() }
claim.tries = (tonumber(claim.meta.tries) or 0) + 1

observe_quota(fence, remaining, limit, reset_us)
note_outcome(answer.outcome, id, answer.code, tonumber(answer.wait_us))
if not holds_fence(claim.meta, fence) then return { 'lease_lost' } end
drop_fence(id)
redis.call('HSET', meta_key(id), 'crashes', '0')
if answer.outcome ~= 'limited' then redis.call('HSET', meta_key(id), 'limited', '0') end
-- What a look-up remarked stays with the job until its end, where it is reported.
if is_set(answer.warnings) then
  claim.meta.warnings = answer.warnings
  redis.call('HSET', meta_key(id), 'warnings', answer.warnings)
end
local word = after[answer.outcome](claim)
wake()
return { word }
