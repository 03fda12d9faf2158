-- Takes entries out of the inbox and makes each a job, a duplicate of one, or a dead job that says why. Without
-- entries it makes a missing inbox.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV     pairs: a JSON object of strings (id, external_id, amount, currency, payer_email, payer_mobile, priority,
--          run_at [Unix ms], batch, reference, check_first, max_attempts, traceparent | error_code, error_message),
--          then the job's raw JSON
-- Replies  { taken, admitted }: entries that this call took, and those of them that became jobs of their own
-- needs: base, job, bill, foreign, intake
local inbox, data = key('inbox'), key('data')
local entries = ARGV

local taken, admitted = 0, 0
local foreign = foreign_key()
if foreign then return redis.error_reply('WRONGTYPE ' .. foreign .. ': rename or delete it') end

local function admit(id, entry, raw, bill, kind)
  local kept = open_bill(id, entry, bill, kind)
  local is_sent = kept.sent == '1'
  local step = (is_sent or is_set(entry.check_first)) and 'lookup' or 'create'
  local run_at, ready = tonumber(entry.run_at or ''), next_ready_us()
  local later = run_at and run_at > now_ms
  if later then ready = scheduled_ready_us(run_at) end
  write_hash(meta_key(id), { external_id = entry.external_id, amount = entry.amount, currency = entry.currency or '', batch = entry.batch or '',
    reference = entry.reference or '', priority = entry.priority, attempts = '0', max_attempts = entry.max_attempts,
    accepted_at = now_ms, origin = kept.origin or id, step = step, ready_us = ready, run_at = entry.run_at or '',
    check_first = entry.check_first or '', traceparent = entry.traceparent or '', creates = '0', tries = '0',
    effective_until = is_sent and (is_set(kept.effective_until) and kept.effective_until or '1') or '' })
  redis.call('HSET', data, id, raw)
  if later then
    redis.call('ZADD', scheduled_place, int(run_at), id)
    set_state(id, 'scheduled')
  else
    redis.call('ZADD', key(entry.priority), int(ready), id)
    set_state(id, 'waiting')
  end
  admitted = admitted + 1
  event('accepted', id, entry.external_id)
end

local function accept(entry, raw)
  local id = entry.id
  if redis.call('XDEL', inbox, id) == 0 then return end
  taken = taken + 1
  clear_own(id)
  local fault = is_set(entry.batch) and of_type(key('batch:' .. entry.batch), 'hash')
  if fault then entry.batch = '' end
  fault = fault or (not is_set(entry.error_code) and foreign_bill(entry.external_id))
  if fault then
    entry.error_code, entry.error_message = 'damaged_bill', fault .. ': delete it and enqueue the job again'
  end
  count('accepted')
  count_batch(entry.batch, 'total')
  if is_set(entry.error_code) then
    notice('invalid_jobs', id)
    redis.call('HSET', data, id, raw)
    return kill(id, entry, entry.error_code, entry.error_message)
  end
  local bill = read_hash(bill_key(entry.external_id))
  local kind = relation(bill, entry)
  if kind == 'conflict' then
    redis.call('HSET', data, id, raw)
    return kill(id, entry, 'conflict', 'job ' .. bill.job .. ' bills this external_id with another amount, currency or payer')
  elseif kind == 'duplicate' then return follow(id, entry, bill) end
  admit(id, entry, raw, bill, kind)
end

for i = 1, #entries, 2 do accept(cjson.decode(entries[i]), entries[i + 1]) end
keep_inbox_open()
if admitted > 0 then wake() end
return { taken, admitted }
