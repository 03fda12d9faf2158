-- Follow-ups for which cancels wait (`cancelled_by`): what became of the invoice that was to be expired.
-- needs: base, commands, bill_records, follow_ups, expiring
local closing = {}

-- It was tried often enough: the invoice is as open as it was before. `expires_before` is set by the cancel that began it.
function closing.give_up(ctx, follow_up)
  local bill = bill_records.read(ctx, follow_up.external_id or '') or {}
  if follow_up.expires_before and bill.state == 'done' and bill.invoice_id == follow_up.invoice_id then
    bill_records.update(ctx, follow_up.external_id, bill, { expires_at = follow_up.expires_before })
  end
  commands.resolve(ctx, follow_up.cancelled_by, 'too_late')
  follow_up.cancelled_by = nil
end

-- Tells the cancels that wait for it what became of the invoice. What cannot be expired may be paid: a look at the bill tells.
function closing.close(ctx, follow_up, answer)
  local waiting, external_id = follow_up.cancelled_by, follow_up.external_id
  local bill = bill_records.read(ctx, external_id) or {}
  if follow_up.kind == 'expire' and answer.audit == '1' then
    follow_ups.add(ctx, 'close-' .. follow_up.invoice_id, ctx.now_ms, { kind = 'audit', job = follow_up.job, external_id = external_id,
      cancelled_by = waiting, asked = bill.state == 'cancelled' and expiring.asked_of(external_id, bill) or '' })
    answer.audit = nil
  elseif answer.is_paid == '1' then
    if bill.state == 'done' then bill_records.update(ctx, external_id, bill, { expires_at = '' }) end
    commands.resolve(ctx, waiting, 'paid')
  elseif answer.relink == '1' and bill.job == follow_up.job and bill.state == 'cancelled' then
    expiring.close_found(ctx, follow_up, answer.invoice_id)
  elseif answer.relink == '1' and bill.job == follow_up.job then
    -- Somebody made another invoice for it. That of a later submission stands.
    local word = expiring.close_delivered(ctx, external_id, waiting) or 'too_late'
    if word ~= 'resolving' then commands.resolve(ctx, waiting, word) end
  elseif bill.job == follow_up.job and bill.state == 'cancelled' then
    if follow_up.kind == 'expire' then base.event(ctx, 'expired', follow_up.job, follow_up.invoice_id) end
    commands.resolve(ctx, waiting, 'cancelled')
  else
    base.event(ctx, 'expired', follow_up.job, bill.job == follow_up.job and bill.invoice_id or nil)
    commands.resolve(ctx, waiting, 'expired')
  end
end

return closing
