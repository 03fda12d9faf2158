-- A create was answered with an invoice, or a look-up found the job's invoice.
-- The answer: outcome (created | adopted), external_id, invoice_id, invoice_url, expiry_date, expires_at [Unix ms],
-- user_id, warnings [JSON text], is_paid ('1' or nothing), already_paid ('1': paid before this job asked for it, or nothing),
-- surplus [ids, blank between; or nothing].
-- needs: base, claimers, settings, pacer, known_outcomes, grants, evidence, identity, jobs, bill_records, bills, follow_ups, ending
local finish_done = {}

local of_a_try = { 'effective_until', 'pending_charge', 'crashes' }

local function unwanted(ctx, request, answer)
  if answer.outcome == 'adopted' then return { 'ignored' } end
  follow_ups.expire_surplus(ctx, request.id, answer.external_id, answer.invoice_id)
  return { 'surplus' }
end

-- Perhaps this was meant to be a new bill, and nothing is billed.
local function note_already_paid(ctx, id, invoice)
  base.event(ctx, 'already_paid', id, invoice)
  base.count(ctx, 'already_paid')
  pacer.set(ctx, { already_paid_ms = ctx.now_ms, already_paid_before_ms = pacer.number(ctx, 'already_paid_ms') })
end

local function note_evidence(ctx, request, answer)
  grants.observe_quota(ctx, request.claim_token, request.quota)
  grants.note_sent(ctx)
  if answer.outcome == 'created' then
    evidence.note_success(ctx, request.worker)
    pacer.set(ctx, { successes = pacer.number(ctx, 'successes') + 1, rejections = '' })
  else
    evidence.note_answered(ctx, request.worker)
  end
  identity.learn_user_id(ctx, answer.user_id)
end

-- The job is being cancelled: its invoice must not stay open. It is in doubt until a look-up shows that.
local function expire_own(ctx, id, meta, answer)
  bills.remember_closed(ctx, answer.external_id, answer.invoice_id)
  jobs.clear(ctx, id, of_a_try)
  jobs.drop_token(ctx, id)
  jobs.to_waiting(ctx, id, meta, { request = 'expire', expire_id = answer.invoice_id, effective_until = '1' })
  claimers.wake_one(ctx)
  return { 'waiting' }
end

-- Returns { done } | { waiting } it is cancelled, and its invoice is expired first | { surplus } the invoice is to be expired | { same } known already | { raced } look again | { ignored }
function finish_done.apply(ctx, request, answer)
  local refusal = known_outcomes.refusal(known_outcomes.done, answer.outcome)
  if refusal then return refusal end
  note_evidence(ctx, request, answer)
  local id, meta = request.id, jobs.read(ctx, request.id)
  local bill = bill_records.read(ctx, answer.external_id) or {}
  if meta.invoice_id == answer.invoice_id and meta.state == 'done' then return { 'same' } end
  if bill.job ~= id or not meta.state or meta.state == 'done' or meta.state == 'cancelled' then return unwanted(ctx, request, answer) end
  if base.is_set(meta.cancelled_by) and answer.is_paid ~= '1' then return expire_own(ctx, id, meta, answer) end
  -- An invoice that is being expired must not be delivered, unless its customer paid it meanwhile. So may an invoice
  -- just made be, if an audit of the bill found it before its answer came.
  if answer.is_paid ~= '1' and bills.is_closed(bill, answer.invoice_id) then
    if jobs.holds_token(meta, request.claim_token) then
      jobs.drop_token(ctx, id)
      jobs.to_scheduled(ctx, id, meta, ctx.now_ms + settings.retry_delay_ms(ctx, (tonumber(meta.attempts) or 0) + 1), { request = 'lookup' })
      claimers.wake_one(ctx)
    end
    return { 'raced' }
  end
  jobs.clear(ctx, id, of_a_try)
  jobs.set(ctx, id, { attempts = (tonumber(meta.attempts) or 0) + 1 })
  ending.end_job(ctx, id, meta, 'done', answer)
  if answer.already_paid == '1' then note_already_paid(ctx, id, answer.invoice_id) end
  for surplus in string.gmatch(answer.surplus or '', '%S+') do follow_ups.expire_surplus(ctx, id, answer.external_id, surplus) end
  return { 'done' }
end

return finish_done
