-- What a cancel does to the invoices of a bill where none may stay open (`expire`): follow-ups expire them, or look for them. The
-- cancels that wait for those stand in `cancelled_by`; `closing` tells them the end.
-- needs: base, claimers, stream_ids, bill_records, bills, follow_ups, ending
local expiring = {}

-- The same bill was submitted again after the cancel: that is the later word.
function expiring.is_wanted_again(ctx, id, command_id)
  for _, duplicate in ipairs(redis.call('LRANGE', ctx.key_of('duplicates:', id), 0, ending.duplicates_max - 1)) do
    if stream_ids.is_before(command_id, duplicate) then return true end
  end
  return false
end

-- Expires the invoice that a done job has delivered. Returns a word (`known`: all of `waiting` wait for its end already), or
-- nothing if the bill has none.
function expiring.close_delivered(ctx, external_id, waiting)
  local bill = base.is_set(external_id) and bill_records.read(ctx, external_id)
  if not bill or bill.state ~= 'done' or not base.is_set(bill.invoice_id) then return nil end
  local word = follow_ups.wait_for(ctx, 'expire-' .. bill.invoice_id, waiting) or follow_ups.wait_for(ctx, 'close-' .. bill.invoice_id, waiting)
  if word then return word end
  if base.is_set(bill.expires_at) and tonumber(bill.expires_at) <= ctx.now_ms then return 'expired' end
  follow_ups.add(ctx, 'expire-' .. bill.invoice_id, ctx.now_ms, { kind = 'expire', job = bill.job, external_id = external_id,
    invoice_id = bill.invoice_id, cancelled_by = waiting, expires_before = bill.expires_at or '' })
  bills.close_invoice(ctx, external_id, bill)
  claimers.wake_one(ctx)
  return 'resolving'
end

-- Expires the invoice of a bill of which a job is cancelled, unless it was submitted again after the cancel.
function expiring.close_bill(ctx, external_id, command_id)
  local owner = base.is_set(external_id) and (bill_records.read(ctx, external_id) or {}).job
  if not base.is_set(owner) or not stream_ids.is_before(owner, command_id) or expiring.is_wanted_again(ctx, owner, command_id) then return nil end
  return expiring.close_delivered(ctx, external_id, command_id)
end

-- Of a cancelled job no text is kept: what a look at its bill must know, as a job's text.
function expiring.asked_of(external_id, bill)
  local currency = base.is_set(bill.currency) and ',"currency":' .. cjson.encode(bill.currency) or ''
  return '{"invoice":{"external_id":' .. cjson.encode(external_id) .. ',"amount":' .. bill.amount .. currency .. '}}'
end

-- The same for a job that was cancelled before. A refusal before that may have been wrong: then its bill is looked at.
function expiring.look_at_cancelled(ctx, id, meta, command_id)
  local bill = base.is_set(meta.external_id) and bill_records.read(ctx, meta.external_id)
  if not bill or bill.job ~= id then
    local word = expiring.close_bill(ctx, meta.external_id, command_id)
    return word ~= 'expired' and word or 'cancelled'
  end
  if not base.is_set(meta.touched) then return 'cancelled' end
  local word = follow_ups.wait_for(ctx, 'close-' .. id, command_id)
  if word then return word end
  follow_ups.add(ctx, 'close-' .. id, ctx.now_ms, { kind = 'audit', job = id, external_id = meta.external_id, cancelled_by = command_id,
    asked = expiring.asked_of(meta.external_id, bill) })
  claimers.wake_one(ctx)
  return 'resolving'
end

-- Expires an invoice that was found of such a bill, for the cancels that wait for this follow-up.
function expiring.close_found(ctx, follow_up, invoice)
  bills.remember_closed(ctx, follow_up.external_id, invoice)
  if follow_ups.wait_for(ctx, 'expire-' .. invoice, follow_up.cancelled_by) then return end
  follow_ups.add(ctx, 'expire-' .. invoice, ctx.now_ms, { kind = 'expire', job = follow_up.job, external_id = follow_up.external_id,
    invoice_id = invoice, cancelled_by = follow_up.cancelled_by })
  claimers.wake_one(ctx)
end

return expiring
