-- The bill: what it is for a job that it begins to belong to, and what that job's end makes of it.
-- needs: base, bill_records
local bills = {}

local delivered_fields = { 'job', 'amount', 'currency', 'payer_email', 'payer_mobile', 'invoice_id', 'invoice_url',
  'expiry_date', 'expires_at' }
local past_max = 20
bills.retention_s = 400 * 24 * 3600

-- What a bill falls back to when the job that looks at it again ends without an invoice.
local function delivered_before(bill)
  local former = {}
  for _, field in ipairs(delivered_fields) do former[field] = bill[field] or '' end
  return cjson.encode(former)
end

-- Returns the ids with `invoice` as the last one; the oldest give way, since those that are older expired long ago.
local function with_closed(closed, invoice)
  if not base.is_set(invoice) then return closed or '' end
  local ids = {}
  for id in string.gmatch(closed or '', '%S+') do ids[#ids + 1] = id end
  ids[#ids + 1] = invoice
  return table.concat(ids, ' ', math.max(1, #ids - past_max + 1))
end

-- Whether the invoice ended or is being expired: such are never adopted again unless they were paid.
function bills.is_closed(bill, invoice)
  return string.find(' ' .. (bill.closed_invoices or '') .. ' ', ' ' .. invoice .. ' ', 1, true) ~= nil
end

-- Returns whether the invoice is new among those.
function bills.remember_closed(ctx, external_id, invoice)
  local bill = bill_records.read(ctx, external_id)
  if not bill or bills.is_closed(bill, invoice) then return false end
  bill.closed_invoices = with_closed(bill.closed_invoices, invoice)
  -- Of a bill that was forgotten only this is known.
  bill_records.write(ctx, external_id, bill, base.is_set(bill.job) and 'KEEPTTL' or bills.retention_s)
  return true
end

-- The bill belongs to job `id` from now on. Returns what is kept of before.
function bills.open(ctx, id, entry, bill, kind)
  local kept = bill
  if kind == 'new' then kept = { closed_invoices = not base.is_set(bill.job) and bill.closed_invoices or '' } end
  local opened = { job = id, origin = kept.origin or id, amount = entry.amount, currency = entry.currency,
    payer_email = entry.payer_email, payer_mobile = entry.payer_mobile, state = 'open',
    sent = kept.sent, closed_invoices = kept.closed_invoices, first_sent = kept.first_sent, mode = ctx.settings.mode,
    closed_before = base.int(ctx.now_ms) }
  if kind == 'recheck' then
    opened.former, opened.invoice_id = delivered_before(bill), bill.invoice_id
  else
    opened.closed_invoices = with_closed(kept.closed_invoices, kept.invoice_id)
  end
  bill_records.write(ctx, entry.external_id, opened)
  return kept
end

-- The bill belongs to the same job as before, which begins again.
function bills.reopen(ctx, external_id, bill)
  bill.state, bill.closed_before = 'open', base.int(ctx.now_ms)
  bill_records.write(ctx, external_id, bill)
end

-- A bill that was looked at again in vain has the invoice that it had, which may have been expired meanwhile.
local function restored(ctx, bill)
  local is_read, former = pcall(cjson.decode, bill.former)
  if not is_read or type(former) ~= 'table' then return false end
  for field, value in pairs(former) do bill[field] = value end
  if bills.is_closed(bill, bill.invoice_id) then bill.expires_at = base.int(ctx.now_ms) end
  bill.state, bill.former = 'done', nil
  return true
end

-- The invoice of a done bill can no longer be paid, or is not to be: the bill's next job asks for a new one, and looks first.
function bills.close_invoice(ctx, external_id, bill)
  bill.expires_at = base.int(ctx.now_ms)
  if not bills.remember_closed(ctx, external_id, bill.invoice_id) then bill_records.write(ctx, external_id, bill, 'KEEPTTL') end
end

-- The bill's job has ended. `fields`: those of a result, expires_at, effective_until, whether anything was sent, and when
-- a create was first granted.
function bills.close(ctx, external_id, bill, state, fields)
  if base.is_set(fields.first_sent) then bill.first_sent = fields.first_sent end
  if state ~= 'done' and base.is_set(bill.former) and restored(ctx, bill) then return bill_records.write(ctx, external_id, bill, bills.retention_s) end
  bill.former, bill.state = nil, state
  bill.invoice_id, bill.invoice_url = fields.invoice_id, fields.invoice_url
  bill.expiry_date, bill.expires_at = fields.expiry_date, fields.expires_at
  -- A successor must not create before the absence of this job's last create can be trusted.
  bill.effective_until = fields.effective_until
  if fields.is_sent then bill.sent = '1' end
  bill_records.write(ctx, external_id, bill, state ~= 'dead' and bills.retention_s or nil)
end

-- The job that the bill belongs to is forgotten: the bill stays known for the usual time.
function bills.let_go(ctx, external_id, id)
  local bill = base.is_set(external_id) and bill_records.read(ctx, external_id)
  if bill and bill.job == id then redis.call('EXPIRE', ctx.bill_key(external_id), bills.retention_s) end
end

return bills
