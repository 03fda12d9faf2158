-- What `external_id:<external_id>` remembers of a bill, read and written as one.
-- One line for each of `places`, empty for nothing. So small, because it is kept much longer than anything else.
-- needs: base
local bill_records = {}

local places = { 'state', 'job', 'origin', 'amount', 'currency', 'payer_email', 'payer_mobile', 'mode', 'sent', 'first_sent',
  'closed_before', 'invoice_id', 'invoice_url', 'expiry_date', 'expires_at', 'closed_invoices', 'effective_until', 'former' }
local lines

-- What others name may have line breaks.
local function line(text)
  if not text then return '' end
  if not string.find(text, '\n', 1, true) then return text end
  return (string.gsub(text, '%c', ' '))
end

-- Returns the bill as it is by now, empty if it is unknown; nothing if another program put something else there.
-- Whoever changes it writes it.
function bill_records.read(ctx, external_id)
  if ctx.bills[external_id] then return ctx.bills[external_id] end
  local text = base.text(ctx.bill_key(external_id))
  if text == nil then return {} end
  lines = lines or '^' .. string.rep('([^\n]*)\n', #places - 1) .. '([^\n]*)$'
  local state, job, origin, amount, currency, payer_email, payer_mobile, mode, sent, first_sent, closed_before, invoice_id,
    invoice_url, expiry_date, expires_at, closed_invoices, effective_until, former = string.match(text or '', lines)
  if not state then return nil end
  -- Mostly a bill has one job ever.
  if origin == '' then origin = job end
  local bill = { state = state, job = job, origin = origin, amount = amount, currency = currency, payer_email = payer_email,
    payer_mobile = payer_mobile, mode = mode, sent = sent, first_sent = first_sent, closed_before = closed_before,
    invoice_id = invoice_id, invoice_url = invoice_url, expiry_date = expiry_date, expires_at = expires_at,
    closed_invoices = closed_invoices, effective_until = effective_until, former = former }
  ctx.bills[external_id] = bill
  return bill
end

-- `retention`: seconds, 'KEEPTTL' for what is left, or nothing for ever.
function bill_records.write(ctx, external_id, bill, retention)
  ctx.bills[external_id] = bill
  local name = ctx.bill_key(external_id)
  local text = table.concat({ bill.state or '', bill.job or '', bill.origin ~= bill.job and bill.origin or '', bill.amount or '',
    bill.currency or '', bill.payer_email or '', bill.payer_mobile or '', bill.mode or '', bill.sent or '',
    bill.first_sent or '', bill.closed_before or '', line(bill.invoice_id), line(bill.invoice_url), line(bill.expiry_date),
    bill.expires_at or '', line(bill.closed_invoices), bill.effective_until or '', bill.former or '' }, '\n')
  if not retention then redis.call('SET', name, text)
  elseif retention == 'KEEPTTL' then redis.call('SET', name, text, 'KEEPTTL')
  else redis.call('SET', name, text, 'EX', retention) end
end

-- A change that leaves its retention as it is.
function bill_records.update(ctx, external_id, bill, fields)
  for field, value in pairs(fields) do bill[field] = value end
  bill_records.write(ctx, external_id, bill, 'KEEPTTL')
end

return bill_records
