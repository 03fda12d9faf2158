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
-- needs: base, settings, pacer, known_outcomes, breaker, grants, evidence, chores, results, ending
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
local id, fence, remaining, limit, reset_us, answer, worker = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], cjson.decode(ARGV[6]), ARGV[7]
local name, delay_max_ms = ctx.key('chore:' .. id), 60000

-- A follow-up of a job that the bill no longer belongs to, or whose bill is open again, changes nothing: the bill's
-- job looks by itself.
local function is_current(chore)
  local bill = redis.call('HMGET', ctx.bill_key(chore.external_id or ''), 'job', 'state')
  return not bill[1] or (bill[1] == chore.job and bill[2] ~= 'open')
end

local function relink(chore)
  local bill = base.read_hash(ctx.bill_key(chore.external_id))
  if bill.job ~= chore.job or bill.state ~= 'done' or bill.invoice_id == answer.invoice_id then return end
  redis.call('HSET', ctx.bill_key(chore.external_id), 'invoice_id', answer.invoice_id, 'invoice_url', answer.invoice_url,
    'expiry_date', answer.expiry_date, 'expires_at', answer.expires_at)
  base.event(ctx, 'relinked', chore.job, answer.invoice_id)
  base.count(ctx, 'relinked')
  local meta = base.read_hash(ctx.meta_key(chore.job))
  if meta.state ~= 'done' then return end
  redis.call('HSET', ctx.meta_key(chore.job), 'invoice_id', answer.invoice_id, 'invoice_url', answer.invoice_url, 'expiry_date', answer.expiry_date)
  answer.warnings = meta.warnings
  results.publish(ctx, chore.job, meta, 'done', answer)
  ending.end_duplicates(ctx, chore.job, 'done', answer)
end

local function retry(chore)
  local attempts = tonumber(chore.attempts) or 0
  if answer.outcome ~= 'limited' and answer.outcome ~= 'key_refused' and not breaker.is_open(ctx) then attempts = attempts + 1 end
  if attempts >= (tonumber(chore.max_attempts) or 25) then
    base.event(ctx, 'chore_abandoned', chore.job, id)
    base.count(ctx, 'chores_abandoned')
    return false
  end
  redis.call('HSET', name, 'attempts', base.int(attempts), 'error_code', answer.code or '',
    'lookup_failed_at', answer.outcome == 'limited' and '' or base.int(pacer.number(ctx, 'answered')))
  redis.call('HDEL', name, 'fence', 'locked_by')
  redis.call('ZADD', ctx.key('chores'), base.int(ctx.now_ms + math.min(delay_max_ms, 1000 * 2 ^ math.min(attempts, 6))), id)
  return true
end

local refusal = known_outcomes.refusal(known_outcomes.chore, answer.outcome)
if refusal then return refusal end
local chore = base.read_hash(name)
grants.observe_quota(ctx, fence, remaining, limit, reset_us)
evidence.note_outcome(ctx, { outcome = answer.outcome, id = id, code = answer.code, wait_us = tonumber(answer.wait_us), worker = worker,
  is_own = answer.outcome ~= 'not_sent' and evidence.is_own_failure(ctx, chore, 'lookup_failed_at', worker) })
if chore.fence ~= fence then return { 'lease_lost' } end
base.wake(ctx)
if answer.outcome ~= 'done' and retry(chore) then return { 'retrying' } end
redis.call('ZREM', ctx.key('chores'), id)
redis.call('DEL', name)
redis.call('ZREM', ctx.key('suspects'), id)
if not is_current(chore) then return { 'done' } end
if answer.relink == '1' then relink(chore) end
for surplus in string.gmatch(answer.surplus or '', '%S+') do chores.expire_surplus(ctx, chore.job, chore.external_id, surplus) end
if answer.audit == '1' then chores.add(ctx, 'audit-3-' .. chore.job, ctx.now_ms + 1000, { kind = 'audit', job = chore.job, external_id = chore.external_id }) end
return { 'done' }
