#!lua flags=no-writes
-- What a create of the gateway would be for its bill, by the rule that intake has. Changes nothing.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  a JSON object of strings (external_id, amount, currency, payer_email, payer_mobile), as accept takes it
-- ARGV[2]  the job's JSON up to the end of its invoice
-- ARGV[3]  the entry that the same gateway added for it before, or ''
-- Replies  { unserved } | { new } | { conflict, job } | { join, job, priority, state }: state `submitted` while the entry
--          is in the inbox; { done, job, invoice_id, age } and { refused, job, age }: milliseconds since it ended
-- needs: base, settings, jobs, bill_records, relations
local ctx = base.begin(KEYS[1])
settings.read(ctx)
local entry, text, submitted = cjson.decode(ARGV[1]), ARGV[2], ARGV[3]
local inbox = ctx.key('inbox')

local function age(meta)
  local ended_ms = tonumber(meta.ended_at)
  return ended_ms and base.int(math.max(0, ctx.now_ms - ended_ms)) or '-1'
end

-- Of a cancelled job no text is kept.
local function is_same_job(bill, state)
  local kept = redis.call('HGET', ctx.key('data'), bill.job)
  if kept then return string.sub(kept, 1, #text) == text end
  return state == 'cancelled' and relations.is_same_bill(bill, entry)
end

local function relation(bill)
  local kind = relations.of(ctx, bill, entry)
  if kind == 'conflict' then return { 'conflict', bill.job } end
  if kind == 'new' then return { 'new' } end
  local meta = jobs.read(ctx, bill.job)
  if kind == 'duplicate' and bill.state == 'open' then
    return { 'join', bill.job, meta.priority or '', meta.state or '' }
  end
  if kind == 'duplicate' then return { 'done', bill.job, bill.invoice_id or '', age(meta) } end
  local has_failed = meta.state == 'dead' or meta.state == 'cancelled'
  if has_failed and is_same_job(bill, meta.state) then return { 'refused', bill.job, age(meta) } end
  return { 'new' }
end

if redis.call('EXISTS', inbox) == 0 then return { 'unserved' } end
if base.is_set(submitted) and #redis.call('XRANGE', inbox, submitted, submitted) == 1 then
  return { 'join', submitted, '', 'submitted' }
end
local bill = bill_records.read(ctx, entry.external_id)
-- What another program put there is told when the job is taken in.
if not bill then return { 'new' } end
return relation(bill)
