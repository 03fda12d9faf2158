-- Takes entries out of the inbox and makes each a job, a duplicate of one, or a dead job that says why. Without
-- entries it makes a missing inbox.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  worker name, which hears of it by the reply, or ''
-- ARGV[2+] pairs: a JSON object of strings (id, external_id, amount, currency, payer_email, payer_mobile, priority,
--          run_at [Unix ms], batch, reference, check_first, max_attempts, traceparent | error_code, error_message),
--          then the job's raw JSON
-- Replies  { taken, admitted }: entries that this call took, and those of them that became jobs of their own
-- needs: base, notices, claimers, settings, pacer, readiness, jobs, bill_records, relations, bills, foreign, intake
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
local inbox, data = ctx.key('inbox'), ctx.key('data')
local worker, entries, first = ARGV[1], ARGV, 2

local taken, admitted = 0, 0
local fault = foreign.of_account(ctx)
if fault then return redis.error_reply('WRONGTYPE ' .. fault .. ': rename or delete it') end

local function admit(id, entry, raw, bill, kind)
  local kept = bills.open(ctx, id, entry, bill, kind)
  local is_sent = kept.sent == '1'
  local request = (is_sent or base.is_set(entry.check_first)) and 'lookup' or 'create'
  local run_at, ready = tonumber(entry.run_at or ''), readiness.next_us(ctx)
  local later = run_at and run_at > ctx.now_ms
  if later then ready = readiness.scheduled_us(ctx, run_at) end
  jobs.begin(ctx, id, later and 'scheduled' or 'waiting', { external_id = entry.external_id, amount = entry.amount, currency = entry.currency, batch = entry.batch,
    reference = entry.reference, priority = entry.priority, attempts = '0', max_attempts = entry.max_attempts,
    accepted_at = ctx.now_ms, origin = kept.origin or id, request = request, ready_us = ready, run_at = entry.run_at,
    check_first = entry.check_first, traceparent = entry.traceparent,
    effective_until = is_sent and (base.is_set(kept.effective_until) and kept.effective_until or '1') or '', first_sent = kept.first_sent })
  redis.call('HSET', data, id, raw)
  if later then redis.call('ZADD', ctx.key('scheduled'), base.int(run_at), id)
  else redis.call('ZADD', ctx.key(entry.priority), base.int(ready), id) end
  admitted = admitted + 1
end

local function accept(entry, raw)
  local id = entry.id
  if redis.call('XDEL', inbox, id) == 0 then return end
  taken = taken + 1
  foreign.clear_own(ctx, id)
  local fault = base.is_set(entry.batch) and foreign.of_type(ctx.key('batch:' .. entry.batch), 'hash')
  if fault then entry.batch = '' end
  local bill = not base.is_set(entry.error_code) and bill_records.read(ctx, entry.external_id)
  fault = fault or (not base.is_set(entry.error_code) and foreign.of_bill(ctx, entry.external_id, bill))
  if fault then
    entry.error_code, entry.error_message = 'damaged_bill', fault .. ': delete it and enqueue the job again'
  end
  base.count(ctx, 'accepted')
  base.count_batch(ctx, entry.batch, 'total')
  if base.is_set(entry.error_code) then
    notices.tell(ctx, 'invalid_jobs', id)
    redis.call('HSET', data, id, raw)
    return intake.kill(ctx, id, entry, entry.error_code, entry.error_message)
  end
  local kind = relations.of(ctx, bill, entry)
  if kind == 'conflict' then
    redis.call('HSET', data, id, raw)
    return intake.kill(ctx, id, entry, 'conflict', 'job ' .. bill.job .. ' bills this external_id with another amount, currency or payer')
  elseif kind == 'duplicate' then return intake.follow(ctx, id, entry, bill) end
  admit(id, entry, raw, bill, kind)
end

for i = first, #entries, 2 do accept(cjson.decode(entries[i]), entries[i + 1]) end
foreign.keep_inbox_open(ctx)
if admitted > 0 then claimers.wake_one(ctx, worker) end
return { taken, admitted }
