#!lua flags=allow-oom
-- What became of a chore's request.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  chore id
-- ARGV[2]  fence of the claim
-- ARGV[3]  Rate-Limit-Remaining or ''
-- ARGV[4]  Rate-Limit-Limit or ''
-- ARGV[5]  Rate-Limit-Reset in microseconds or ''
-- ARGV[6]  JSON object of strings: outcome (done | not_sent | lookup_failed | refused | key_refused | limited), code,
--          wait_us, surplus [ids, blank between], audit ('1': look at the bill again),
--          relink ('1') with invoice_id, invoice_url, expiry_date, expires_at [Unix ms], response
-- ARGV[7]  worker name
-- Replies  { done } | { retrying } | { lease_lost }
-- needs: base, pacer, breaker, chore, result, ending, observe, evidence
local id, fence, remaining, limit, reset_us, answer, worker = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], cjson.decode(ARGV[6]), ARGV[7]
local name, delay_max_ms = key('chore:' .. id), 60000

-- A follow-up of a job that the bill no longer belongs to, or whose bill is open again, changes nothing: the bill's
-- job looks by itself.
local function is_current(chore)
  local bill = redis.call('HMGET', bill_key(chore.external_id or ''), 'job', 'state')
  return not bill[1] or (bill[1] == chore.job and bill[2] ~= 'open')
end

local function relink(chore)
  local bill = read_hash(bill_key(chore.external_id))
  if bill.job ~= chore.job or bill.state ~= 'done' or bill.invoice_id == answer.invoice_id then return end
  redis.call('HSET', bill_key(chore.external_id), 'invoice_id', answer.invoice_id, 'invoice_url', answer.invoice_url,
    'expiry_date', answer.expiry_date, 'expires_at', answer.expires_at)
  event('relinked', chore.job, answer.invoice_id)
  count('relinked')
  local meta = read_hash(meta_key(chore.job))
  if meta.state ~= 'done' then return end
  redis.call('HSET', meta_key(chore.job), 'invoice_id', answer.invoice_id, 'invoice_url', answer.invoice_url, 'expiry_date', answer.expiry_date)
  answer.warnings = meta.warnings
  publish_result(chore.job, meta, 'done', answer)
  end_duplicates(chore.job, 'done', answer)
end

local function retry(chore)
  local attempts = tonumber(chore.attempts) or 0
  if answer.outcome ~= 'limited' and answer.outcome ~= 'key_refused' and not is_open() then attempts = attempts + 1 end
  if attempts >= (tonumber(chore.max_attempts) or 25) then
    event('chore_abandoned', chore.job, id)
    count('chores_abandoned')
    return false
  end
  redis.call('HSET', name, 'attempts', int(attempts), 'error_code', answer.code or '',
    'lookup_failed_at', answer.outcome == 'limited' and '' or int(pacer_number('answered')))
  redis.call('HDEL', name, 'fence', 'locked_by')
  redis.call('ZADD', key('chores'), int(now_ms + math.min(delay_max_ms, 1000 * 2 ^ math.min(attempts, 6))), id)
  return true
end

local outcomes = { done = true, not_sent = true, lookup_failed = true, refused = true, key_refused = true, limited = true }
if not outcomes[answer.outcome] then return redis.error_reply('ERR unknown outcome') end
local chore = read_hash(name)
observe_quota(fence, remaining, limit, reset_us)
note_outcome({ outcome = answer.outcome, id = id, code = answer.code, wait_us = tonumber(answer.wait_us), worker = worker,
  is_own = answer.outcome ~= 'not_sent' and is_own_failure(chore, 'lookup_failed_at', worker) })
if chore.fence ~= fence then return { 'lease_lost' } end
wake()
if answer.outcome ~= 'done' and retry(chore) then return { 'retrying' } end
redis.call('ZREM', key('chores'), id)
redis.call('DEL', name)
redis.call('ZREM', key('suspects'), id)
if not is_current(chore) then return { 'done' } end
if answer.relink == '1' then relink(chore) end
for surplus in string.gmatch(answer.surplus or '', '%S+') do expire_surplus(chore.job, chore.external_id, surplus) end
if answer.audit == '1' then add_chore('audit-3-' .. chore.job, now_ms + 1000, { kind = 'audit', job = chore.job, external_id = chore.external_id }) end
return { 'done' }
