-- The bill: what `external_id:<external_id>` remembers, and what a new job for it becomes.
-- needs: base, pacer, chore
local function payers_differ(bill, entry)
  local both = false
  for _, kind in ipairs({ 'payer_email', 'payer_mobile' }) do
    if is_set(bill[kind]) and is_set(entry[kind]) then
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
local function is_of_test(bill) return bill.mode ~= 'live' and config.mode == 'live' end

-- Returns `new`, `duplicate`, `conflict`, `replacement`, or `recheck`: a done bill that is to be looked at again.
local function relation(bill, entry)
  if not is_set(bill.job) or is_of_test(bill) then return 'new' end
  if bill.state ~= 'open' then
    local is_payable = bill.state == 'done' and not (is_set(bill.expires_at) and tonumber(bill.expires_at) <= now_ms)
    if not is_payable then return 'replacement' end
    if is_set(entry.check_first) then return 'recheck' end
  end
  return same_bill(bill, entry) and 'duplicate' or 'conflict'
end

local delivered_fields = { 'job', 'amount', 'currency', 'payer_email', 'payer_mobile', 'invoice_id', 'invoice_url',
  'expiry_date', 'expires_at' }

-- What a bill falls back to when the job that looks at it again ends without an invoice.
local function delivered_before(bill)
  local former = {}
  for _, field in ipairs(delivered_fields) do former[field] = bill[field] or '' end
  return cjson.encode(former)
end

-- The bill belongs to job `id` from now on. Returns what is kept of before.
local function open_bill(id, entry, bill, kind)
  local name = bill_key(entry.external_id)
  local kept = kind == 'new' and {} or bill
  local fields = { job = id, origin = kept.origin or id, amount = entry.amount, currency = entry.currency or '',
    payer_email = entry.payer_email or '', payer_mobile = entry.payer_mobile or '', state = 'open',
    sent = kept.sent or '', past = kept.past or '', first_sent = kept.first_sent or '', mode = config.mode,
    closed_before = int(now_ms) }
  if kind == 'recheck' then
    fields.former, fields.invoice_id = delivered_before(bill), bill.invoice_id
  else
    fields.past = with_past(kept.past, kept.invoice_id)
  end
  redis.call('DEL', name)
  write_hash(name, fields)
  return kept
end
