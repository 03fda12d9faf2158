-- Takes entries out of the inbox and makes each a job, a duplicate of one, or a dead job that says why. Without
-- entries it makes a missing inbox.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  worker name, which hears of it by the reply, or ''
-- ARGV[2+] pairs: a JSON object of strings (id, external_id, amount, currency, payer_email, payer_mobile, priority,
--          run_at [Unix ms], batch, reference, check_first, max_attempts, traceparent | error_code, error_message),
--          then the job's raw JSON
-- Replies  { taken, admitted }: entries that this call took, and those of them that became jobs of their own
-- needs: base, notices, claimers, settings, pacer, readiness, moves, batches, early_cancels, jobs, new_jobs, bill_records, relations, bills, foreign, intake
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
local inbox, kept = ctx.key('inbox'), { 'HSET', ctx.key('data') }
local worker, entries, first = ARGV[1], ARGV, 2

local taken, admitted = 0, 0
local fault = foreign.of_account(ctx)
if fault then return redis.error_reply('WRONGTYPE ' .. fault .. ': rename or delete it') end
for _, priority in ipairs(jobs.priorities) do moves.gather(ctx, priority) end

-- Jobs are kept together, at the end.
local function write_kept() redis.call(unpack(kept)) end
local function keep(id, raw)
  local last = #kept
  kept[last + 1], kept[last + 2] = id, raw
  base.at_end(ctx, 'data', write_kept)
end

local function admit(id, entry, raw, bill, kind)
  local before = bills.open(ctx, id, entry, bill, kind)
  local is_sent = before.sent == '1'
  local request = (is_sent or base.is_set(entry.check_first)) and 'lookup' or 'create'
  local run_at, ready = tonumber(entry.run_at or ''), readiness.next_us(ctx)
  local later = run_at and run_at > ctx.now_ms
  if later then ready = readiness.scheduled_us(ctx, run_at) end
  local own = { 'request', request, 'origin', before.origin or id, 'ready_us', base.int(ready) }
  if is_sent then
    own[7], own[8] = 'effective_until', base.is_set(before.effective_until) and before.effective_until or '1'
  end
  if base.is_set(before.first_sent) then own[#own + 1], own[#own + 2] = 'first_sent', before.first_sent end
  new_jobs.write(ctx, id, later and 'scheduled' or 'waiting', entry, own)
  keep(id, raw)
  if later then moves.put(ctx, 'scheduled', id, base.int(run_at)) else moves.put(ctx, entry.priority, id, base.int(ready)) end
  admitted = admitted + 1
end

local function accept(entry, raw)
  local id = entry.id
  if redis.call('XDEL', inbox, id) == 0 then return end
  taken = taken + 1
  foreign.clear_own(ctx, id)
  local fault = base.is_set(entry.batch) and foreign.of_type(ctx.key_of('batch:', entry.batch), 'hash')
  if fault then entry.batch = '' end
  local bill = not base.is_set(entry.error_code) and bill_records.read(ctx, entry.external_id)
  fault = fault or (not base.is_set(entry.error_code) and foreign.of_bill(ctx, entry.external_id, bill))
  if fault then
    entry.error_code, entry.error_message = 'damaged_bill', fault .. ': delete it and enqueue the job again'
  end
  base.count(ctx, 'accepted')
  base.count_batch(ctx, entry.batch, 'total')
  batches.add(ctx, entry.batch, id)
  if base.is_set(entry.error_code) then
    notices.tell(ctx, 'invalid_jobs', id)
    keep(id, raw)
    return intake.kill(ctx, id, entry, entry.error_code, entry.error_message)
  end
  local cancel = early_cancels.of(ctx, entry)
  if cancel then
    early_cancels.found(ctx, cancel)
    return intake.cancel(ctx, id, entry)
  end
  local kind = relations.of(ctx, bill, entry)
  if kind == 'conflict' then
    keep(id, raw)
    return intake.kill(ctx, id, entry, 'conflict', 'job ' .. bill.job .. ' bills this external_id with another amount, currency or payer')
  elseif kind == 'duplicate' then return intake.follow(ctx, id, entry, bill) end
  admit(id, entry, raw, bill, kind)
end

for i = first, #entries, 2 do accept(cjson.decode(entries[i]), entries[i + 1]) end
early_cancels.forget(ctx)
foreign.keep_inbox_open(ctx)
if admitted > 0 then claimers.wake_one(ctx, worker) end
return { taken, admitted }
