-- What became of a read. It goes back as it came; of the rest only that counts which the whole account must know: a read that
-- fails may be at fault itself.
-- The answer: outcome (answered | not_sent | lookup_failed | key_refused | limited), code, wait_us, expired and external_id: an
-- invoice that this request expired, and its bill, or nothing. Its response is what is told, JSON text.
-- needs: base, known_outcomes, grants, evidence, bill_records, bills, reads
local finish_read = {}

local counts = { answered = true, key_refused = true, limited = true }

-- The bill of an invoice that a program expired is not delivered again.
local function note_expired(ctx, answer)
  local bill = bill_records.read(ctx, answer.external_id)
  if not bill or bill.invoice_id ~= answer.expired then return end
  bills.close_invoice(ctx, answer.external_id, bill)
  base.event(ctx, 'expired', bill.job, answer.expired)
end

-- Returns { done }
function finish_read.apply(ctx, request, answer)
  local refusal = known_outcomes.refusal(known_outcomes.read, answer.outcome)
  if refusal then return refusal end
  grants.observe_quota(ctx, request.claim_token, request.quota)
  if counts[answer.outcome] then
    evidence.note_outcome(ctx, { outcome = answer.outcome, id = request.id, claim_token = request.claim_token, code = answer.code,
      wait_us = tonumber(answer.wait_us), worker = request.worker })
  elseif answer.outcome ~= 'not_sent' then
    grants.note_sent(ctx)
  end
  if base.is_set(answer.expired) then note_expired(ctx, answer) end
  reads.answer(ctx, request.id, answer.response or 'null')
  return { 'done' }
end

return finish_read
