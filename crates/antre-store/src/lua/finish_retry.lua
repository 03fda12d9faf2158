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

local was_open = is_open()
local meta = read_hash(meta_key(id))
local next_tries = (tonumber(meta.tries) or 0) + 1

local function again_after_delay(fields)
  fields.tries, fields.error_code, fields.error_message = next_tries, answer.code, answer.message
  event('retrying', id, answer.code)
  count_minute('retried')
  to_scheduled(id, meta, now_ms + retry_delay_ms(meta, next_tries), fields)
  return { 'scheduled' }
end

local function absent()
  local settle = setting(meta.settle == 'answered' and 'settle_answered_ms' or 'settle_unanswered_ms')
  local settled_ms = is_set(meta.effective_until) and tonumber(meta.effective_until) + settle or 0
  if tonumber(meta.claimed_at) <= settled_ms then
    to_scheduled(id, meta, settled_ms + 1, { step = 'lookup' })
    return { 'scheduled' }
  end
  local fields = { step = 'create', effective_until = '', settle = '', tries = 0 }
  if is_set(meta.pending_charge) and use_attempt(id, meta, fields) then return { 'dead' } end
  to_waiting(id, meta, fields)
  return { 'waiting' }
end

local after = {}
function after.ambiguous()
  local fields = { step = 'lookup', settle = 'unanswered', pending_charge = was_open and '' or '1' }
  if answer.is_answered == '1' then fields.settle, fields.effective_until = 'answered', now_ms end
  return again_after_delay(fields)
end
function after.not_sent() return again_after_delay(restored(meta)) end
function after.lookup_failed() return again_after_delay({ step = 'lookup' }) end
function after.refused()
  local fields = restored(meta)
  if meta.step == 'create' then fields.refused_at = pacer_number('successes') end
  return again_after_delay(fields)
end
function after.key_refused()
  to_waiting(id, meta, restored(meta))
  return { 'waiting' }
end
function after.limited()
  local fields, times = restored(meta), tonumber(meta.limited) or 0
  fields.limited = times + 1
  if times == 0 then fields.limited_at = pacer_number('successes') end
  to_waiting(id, meta, fields)
  return { 'waiting' }
end
function after.absent() return absent() end
function after.expire_first()
  to_waiting(id, meta, { step = 'expire', expire_id = answer.invoice_id })
  return { 'waiting' }
end
-- A worker stopped while its request ran: nobody's fault, so no attempt is used.
function after.abandoned()
  to_waiting(id, meta, { step = meta.step == 'create' and 'lookup' or meta.step, settle = 'unanswered' })
  return { 'waiting' }
end
function after.expired() return again_after_delay({ step = 'lookup' }) end

observe_quota(fence, remaining, limit, reset_us)
note_outcome(answer.outcome, id, answer.code, tonumber(answer.wait_us))
if not holds_fence(meta, fence) then return { 'lease_lost' } end
drop_fence(id)
redis.call('HSET', meta_key(id), 'crashes', '0')
if answer.outcome ~= 'limited' then redis.call('HSET', meta_key(id), 'limited', '0') end
-- What a look-up remarked stays with the job until its end, where it is reported.
if is_set(answer.warnings) then
  meta.warnings = answer.warnings
  redis.call('HSET', meta_key(id), 'warnings', answer.warnings)
end
local reply = after[answer.outcome]()
wake()
return reply
