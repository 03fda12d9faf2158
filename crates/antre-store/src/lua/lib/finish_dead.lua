-- An answer that ends the job for good without an invoice to deliver.
-- The answer: outcome (rejected: by Xendit's answer to a create | found: by a look-up), error_code, error_message,
-- error_status [HTTP], warnings [JSON text], invoice_id, closed_invoices [ids of ended invoices, blank between].
-- needs: base, claimers, known_outcomes, pause, grants, evidence, jobs, bills, cancelling, ending
local finish_dead = {}

-- Returns { dead } | { waiting } (it is being cancelled, and the refusal may be wrong: a look-up tells) | { lease_lost }
function finish_dead.apply(ctx, request, answer)
  local refusal = known_outcomes.refusal(known_outcomes.dead, answer.outcome)
  if refusal then return refusal end
  local id, meta = request.id, jobs.read(ctx, request.id)
  grants.observe_quota(ctx, request.claim_token, request.quota)
  grants.note_sent(ctx)
  if answer.outcome == 'rejected' then
    evidence.note_success(ctx, request.worker)
    pause.note_rejected(ctx, id, answer.error_code)
  else
    evidence.note_answered(ctx, request.worker)
  end
  if not jobs.holds_token(meta, request.claim_token) then return { 'lease_lost' } end
  local fields = {}
  if answer.outcome == 'rejected' then
    fields = jobs.refused_request(meta)
    if base.is_set(meta.cancelled_by) then
      jobs.drop_token(ctx, id)
      jobs.to_waiting(ctx, id, meta, fields)
      cancelling.settle(ctx, id)
      claimers.wake_one(ctx)
      return { 'waiting' }
    end
    fields.attempts = (tonumber(meta.attempts) or 0) + 1
  else
    answer.effective_until = meta.effective_until
  end
  fields.effective_until, fields.crashes = '', ''
  jobs.set(ctx, id, fields)
  for invoice in string.gmatch(answer.closed_invoices or '', '%S+') do bills.remember_closed(ctx, meta.external_id, invoice) end
  ending.end_job(ctx, id, meta, 'dead', answer)
  return { 'dead' }
end

return finish_dead
