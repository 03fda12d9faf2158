#!lua flags=allow-oom
-- An answer, or the want of one, after which the job goes on.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  job id
-- ARGV[2]  fence of the claim
-- ARGV[3]  Rate-Limit-Remaining or ''
-- ARGV[4]  Rate-Limit-Limit or ''
-- ARGV[5]  Rate-Limit-Reset in microseconds or ''
-- ARGV[6]  JSON object of strings: outcome, code, message, status [HTTP], response [JSON text], wait_us, is_answered ('1' or ''), invoice_id, warnings
-- ARGV[7]  worker name
-- Replies  { waiting } | { scheduled } | { dead } its attempts are used | { lease_lost }
-- needs: base, pacer, breaker, worker, job, observe, evidence, restore, after, after_look_up
local id, fence, remaining, limit, reset_us, answer, worker = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], cjson.decode(ARGV[6]), ARGV[7]

local step = after[answer.outcome]
if not step then return redis.error_reply('ERR unknown outcome') end
local meta = read_hash(meta_key(id))
local is_create = meta.step == 'create'
local failed_at = is_create and 'create_failed_at' or 'lookup_failed_at'
local claim = { id = id, meta = meta, answer = answer, tries = (tonumber(meta.tries) or 0) + 1,
  was_open = is_open() or worker_is_open(read_hash(worker_key(worker))), is_own = is_own_failure(meta, failed_at, worker) }

observe_quota(fence, remaining, limit, reset_us)
note_outcome({ outcome = answer.outcome, id = id, code = answer.code, wait_us = tonumber(answer.wait_us), worker = worker,
  is_create = is_create, is_own = claim.is_own and answer.outcome ~= 'not_sent' })
if not holds_fence(meta, fence) then return { 'lease_lost' } end
drop_fence(id)
redis.call('HSET', meta_key(id), 'crashes', '0')
if answer.outcome ~= 'limited' then redis.call('HSET', meta_key(id), 'limited', '0') end
-- Told of the code only: other failures have their breakers.
if mixed_up[answer.code] then notice('mixed_answers', worker) end
if claim.is_own and not is_create and (answer.outcome == 'lookup_failed' or answer.outcome == 'refused') then notice('look_ups_fail', id) end
local is_failure = answer.outcome == 'lookup_failed' or answer.outcome == 'refused' or answer.outcome == 'ambiguous'
if is_failure then redis.call('HSET', meta_key(id), failed_at, int(pacer_number('answered')))
elseif answered_look_ups[answer.outcome] then redis.call('HSET', meta_key(id), 'lookup_failed_at', '', 'own_failures', '0') end
-- What a look-up remarked stays with the job until its end, where it is reported.
if is_set(answer.warnings) then
  claim.meta.warnings = answer.warnings
  redis.call('HSET', meta_key(id), 'warnings', answer.warnings)
end
local word = step(claim)
wake()
return { word }
