-- The bill: what `external_id:<external_id>` remembers, and what a new job for it becomes.
-- needs: base
local bills = {}

local delivered_fields = { 'job', 'amount', 'currency', 'payer_email', 'payer_mobile', 'invoice_id', 'invoice_url',
  'expiry_date', 'expires_at' }
local past_max = 20
bills.retention_s = 400 * 24 * 3600

local function payers_differ(bill, entry)
  local both = false
  for _, kind in ipairs({ 'payer_email', 'payer_mobile' }) do
    if base.is_set(bill[kind]) and base.is_set(entry[kind]) then
      if bill[kind] == entry[kind] then return false end
      both = true
    end
  end
  return both
end

local function same_bill(bill, entry)
  return bill.amount == entry.amount and (bill.currency or '') == (entry.currency or '') and not payers_differ(bill, entry)
end

-- Bills of a test mode are unknown once a person has put a live key in force; every other bill stays known.
local function is_of_test(ctx, bill) return bill.mode ~= 'live' and ctx.settings.mode == 'live' end

-- Returns `new`, `duplicate`, `conflict`, `replacement`, or `recheck`: a done bill that is to be looked at again.
function bills.relation(ctx, bill, entry)
  if not base.is_set(bill.job) or is_of_test(ctx, bill) then return 'new' end
  if bill.state ~= 'open' then
    local is_payable = bill.state == 'done' and not (base.is_set(bill.expires_at) and tonumber(bill.expires_at) <= ctx.now_ms)
    if not is_payable then return 'replacement' end
    if base.is_set(entry.check_first) then return 'recheck' end
  end
  return same_bill(bill, entry) and 'duplicate' or 'conflict'
end

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

-- Invoices in `closed_invoices` are never adopted again unless they were paid. Returns whether this one is new there.
function bills.remember_closed(ctx, external_id, invoice)
  local name = ctx.bill_key(external_id)
  local closed = redis.call('HGET', name, 'closed_invoices') or ''
  if string.find(' ' .. closed .. ' ', ' ' .. invoice .. ' ', 1, true) then return false end
  redis.call('HSET', name, 'closed_invoices', with_closed(closed, invoice))
  return true
end

-- The bill belongs to job `id` from now on. Returns what is kept of before.
function bills.open(ctx, id, entry, bill, kind)
  local name = ctx.bill_key(entry.external_id)
  local kept = kind == 'new' and {} or bill
  local fields = { job = id, origin = kept.origin or id, amount = entry.amount, currency = entry.currency or '',
    payer_email = entry.payer_email or '', payer_mobile = entry.payer_mobile or '', state = 'open',
    sent = kept.sent or '', closed_invoices = kept.closed_invoices or '', first_sent = kept.first_sent or '', mode = ctx.settings.mode,
    closed_before = base.int(ctx.now_ms) }
  if kind == 'recheck' then
    fields.former, fields.invoice_id = delivered_before(bill), bill.invoice_id
  else
    fields.closed_invoices = with_closed(kept.closed_invoices, kept.invoice_id)
  end
  redis.call('DEL', name)
  base.write_hash(name, fields)
  return kept
end

-- The job that the bill belongs to is forgotten: the bill stays known for the usual time.
function bills.let_go(ctx, external_id, id)
  if not base.is_set(external_id) then return end
  local name = ctx.bill_key(external_id)
  if redis.call('HGET', name, 'job') == id then redis.call('EXPIRE', name, bills.retention_s) end
end

return bills
