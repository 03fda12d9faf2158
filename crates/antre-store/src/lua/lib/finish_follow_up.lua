-- What became of a follow-up's request.
-- The answer: outcome (done | not_sent | lookup_failed | refused | key_refused | limited), code, wait_us,
-- surplus [ids, blank between], audit ('1': look at the bill again), is_paid ('1': the bill's invoice is), relink ('1')
-- with invoice_id, invoice_url, expiry_date, expires_at [Unix ms].
-- needs: base, claimers, records, pacer, known_outcomes, breaker, grants, evidence, jobs, bill_records, bills, follow_ups, closing, results, ending
local finish_follow_up = {}

local delay_max_ms = 60000

-- A follow-up of a job that the bill no longer belongs to, or whose bill is open again, changes nothing.
local function is_current(ctx, follow_up)
  local bill = bill_records.read(ctx, follow_up.external_id or '') or {}
  return not bill.job or (bill.job == follow_up.job and bill.state ~= 'open')
end

local function relink(ctx, follow_up, answer)
  local bill = bill_records.read(ctx, follow_up.external_id) or {}
  if bill.job ~= follow_up.job or bill.state ~= 'done' or bill.invoice_id == answer.invoice_id then return end
  -- After a cancel no other invoice of the bill may stay open.
  local is_over = answer.is_paid ~= '1' and bills.is_closed(bill, bill.invoice_id) and not base.is_set(follow_up.cancelled_by)
  if is_over then return follow_ups.expire_surplus(ctx, follow_up.job, follow_up.external_id, answer.invoice_id) end
  base.event(ctx, 'relinked', follow_up.job, answer.invoice_id)
  base.count(ctx, 'relinked')
  local meta = jobs.read(ctx, follow_up.job)
  bill_records.update(ctx, follow_up.external_id, bill, { invoice_id = answer.invoice_id, invoice_url = answer.invoice_url,
    expiry_date = answer.expiry_date, expires_at = answer.expires_at })
  if meta.state ~= 'done' then return end
  jobs.set(ctx, follow_up.job, { invoice_id = answer.invoice_id })
  answer.warnings = meta.warnings
  results.publish(ctx, follow_up.job, meta, 'done', answer, bill)
  ending.end_duplicates(ctx, follow_up.job, 'done', answer, bill)
end

local function is_tried_again(ctx, id, follow_up, answer)
  local name, attempts = ctx.key_of('follow_up:', id), tonumber(follow_up.attempts) or 0
  if answer.outcome ~= 'limited' and answer.outcome ~= 'key_refused' and not breaker.is_open(ctx) then attempts = attempts + 1 end
  if attempts >= (tonumber(follow_up.max_attempts) or 25) then
    base.event(ctx, 'follow_up_abandoned', follow_up.job, id)
    base.count(ctx, 'follow_ups_abandoned')
    if base.is_set(follow_up.cancelled_by) then closing.give_up(ctx, follow_up) end
    return false
  end
  redis.call('HSET', name, 'attempts', base.int(attempts), 'error_code', answer.code or '',
    'lookup_failed_at', answer.outcome == 'limited' and '' or base.int(pacer.number(ctx, 'answered')))
  redis.call('HDEL', name, 'claim_token', 'locked_by')
  redis.call('ZADD', ctx.key('follow_ups'), base.int(ctx.now_ms + math.min(delay_max_ms, 1000 * 2 ^ math.min(attempts, 6))), id)
  return true
end

local function finish(ctx, id, follow_up, answer)
  redis.call('ZREM', ctx.key('follow_ups'), id)
  redis.call('DEL', ctx.key_of('follow_up:', id))
  redis.call('ZREM', ctx.key('suspects'), id)
  local is_of_bill = is_current(ctx, follow_up)
  if is_of_bill and answer.relink == '1' then relink(ctx, follow_up, answer) end
  if base.is_set(follow_up.cancelled_by) then closing.close(ctx, follow_up, answer) end
  if not is_of_bill then return end
  for surplus in string.gmatch(answer.surplus or '', '%S+') do follow_ups.expire_surplus(ctx, follow_up.job, follow_up.external_id, surplus) end
  if answer.audit == '1' then follow_ups.add(ctx, 'audit-3-' .. follow_up.job, ctx.now_ms + 1000, { kind = 'audit', job = follow_up.job, external_id = follow_up.external_id }) end
end

-- Returns { done } | { retrying } | { lease_lost }
function finish_follow_up.apply(ctx, request, answer)
  local refusal = known_outcomes.refusal(known_outcomes.follow_up, answer.outcome)
  if refusal then return refusal end
  local id, worker = request.id, request.worker
  local follow_up = records.fields(ctx.key_of('follow_up:', id))
  grants.observe_quota(ctx, request.claim_token, request.quota)
  evidence.note_outcome(ctx, { outcome = answer.outcome, id = id, claim_token = request.claim_token, code = answer.code, wait_us = tonumber(answer.wait_us), worker = worker,
    is_own = answer.outcome ~= 'not_sent' and evidence.is_own_failure(ctx, follow_up, 'lookup_failed_at', worker) })
  if follow_up.claim_token ~= request.claim_token then return { 'lease_lost' } end
  claimers.wake_one(ctx)
  if answer.outcome ~= 'done' and is_tried_again(ctx, id, follow_up, answer) then return { 'retrying' } end
  finish(ctx, id, follow_up, answer)
  return { 'done' }
end

return finish_follow_up
