#!lua flags=allow-oom
-- What became of a follow-up's request.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  follow-up id
-- ARGV[2]  claim token
-- ARGV[3]  Rate-Limit-Remaining or ''
-- ARGV[4]  Rate-Limit-Limit or ''
-- ARGV[5]  Rate-Limit-Reset in microseconds or ''
-- ARGV[6]  JSON object of strings: outcome (done | not_sent | lookup_failed | refused | key_refused | limited), code,
--          wait_us, surplus [ids, blank between], audit ('1': look at the bill again),
--          relink ('1') with invoice_id, invoice_url, expiry_date, expires_at [Unix ms], response
-- ARGV[7]  worker name
-- Replies  { done } | { retrying } | { lease_lost }
-- needs: base, settings, pacer, known_outcomes, breaker, grants, evidence, follow_ups, results, ending
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
local id, claim_token, remaining, limit, reset_us, answer, worker = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], cjson.decode(ARGV[6]), ARGV[7]
local name, delay_max_ms = ctx.key('follow_up:' .. id), 60000

-- A follow-up of a job that the bill no longer belongs to, or whose bill is open again, changes nothing: the bill's
-- job looks by itself.
local function is_current(follow_up)
  local bill = redis.call('HMGET', ctx.bill_key(follow_up.external_id or ''), 'job', 'state')
  return not bill[1] or (bill[1] == follow_up.job and bill[2] ~= 'open')
end

local function relink(follow_up)
  local bill = base.read_hash(ctx.bill_key(follow_up.external_id))
  if bill.job ~= follow_up.job or bill.state ~= 'done' or bill.invoice_id == answer.invoice_id then return end
  redis.call('HSET', ctx.bill_key(follow_up.external_id), 'invoice_id', answer.invoice_id, 'invoice_url', answer.invoice_url,
    'expiry_date', answer.expiry_date, 'expires_at', answer.expires_at)
  base.event(ctx, 'relinked', follow_up.job, answer.invoice_id)
  base.count(ctx, 'relinked')
  local meta = base.read_hash(ctx.meta_key(follow_up.job))
  if meta.state ~= 'done' then return end
  redis.call('HSET', ctx.meta_key(follow_up.job), 'invoice_id', answer.invoice_id, 'invoice_url', answer.invoice_url, 'expiry_date', answer.expiry_date)
  answer.warnings = meta.warnings
  results.publish(ctx, follow_up.job, meta, 'done', answer)
  ending.end_duplicates(ctx, follow_up.job, 'done', answer)
end

local function retry(follow_up)
  local attempts = tonumber(follow_up.attempts) or 0
  if answer.outcome ~= 'limited' and answer.outcome ~= 'key_refused' and not breaker.is_open(ctx) then attempts = attempts + 1 end
  if attempts >= (tonumber(follow_up.max_attempts) or 25) then
    base.event(ctx, 'follow_up_abandoned', follow_up.job, id)
    base.count(ctx, 'follow_ups_abandoned')
    return false
  end
  redis.call('HSET', name, 'attempts', base.int(attempts), 'error_code', answer.code or '',
    'lookup_failed_at', answer.outcome == 'limited' and '' or base.int(pacer.number(ctx, 'answered')))
  redis.call('HDEL', name, 'claim_token', 'locked_by')
  redis.call('ZADD', ctx.key('follow_ups'), base.int(ctx.now_ms + math.min(delay_max_ms, 1000 * 2 ^ math.min(attempts, 6))), id)
  return true
end

local refusal = known_outcomes.refusal(known_outcomes.follow_up, answer.outcome)
if refusal then return refusal end
local follow_up = base.read_hash(name)
grants.observe_quota(ctx, claim_token, remaining, limit, reset_us)
evidence.note_outcome(ctx, { outcome = answer.outcome, id = id, code = answer.code, wait_us = tonumber(answer.wait_us), worker = worker,
  is_own = answer.outcome ~= 'not_sent' and evidence.is_own_failure(ctx, follow_up, 'lookup_failed_at', worker) })
if follow_up.claim_token ~= claim_token then return { 'lease_lost' } end
base.wake(ctx)
if answer.outcome ~= 'done' and retry(follow_up) then return { 'retrying' } end
redis.call('ZREM', ctx.key('follow_ups'), id)
redis.call('DEL', name)
redis.call('ZREM', ctx.key('suspects'), id)
if not is_current(follow_up) then return { 'done' } end
if answer.relink == '1' then relink(follow_up) end
for surplus in string.gmatch(answer.surplus or '', '%S+') do follow_ups.expire_surplus(ctx, follow_up.job, follow_up.external_id, surplus) end
if answer.audit == '1' then follow_ups.add(ctx, 'audit-3-' .. follow_up.job, ctx.now_ms + 1000, { kind = 'audit', job = follow_up.job, external_id = follow_up.external_id }) end
return { 'done' }
