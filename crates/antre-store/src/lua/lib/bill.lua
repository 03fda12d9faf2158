-- The bill: what `external_id:<external_id>` remembers, and what a new job for it becomes.
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

-- Returns `new`, `duplicate`, `conflict` or `replacement`.
local function relation(bill, entry)
  if not is_set(bill.job) or bill.mode ~= config.mode then return 'new' end
  local living = bill.state == 'open'
  local payable = bill.state == 'done' and not (is_set(bill.expires_at) and tonumber(bill.expires_at) <= now_ms)
  if not living and not payable then return 'replacement' end
  return same_bill(bill, entry) and 'duplicate' or 'conflict'
end

local function open_bill(id, entry, bill, kind)
  local name = bill_key(entry.external_id)
  local kept = kind == 'replacement' and bill or { past = bill.mode == config.mode and bill.past or nil }
  redis.call('DEL', name)
  if is_set(kept.invoice_id) then
    kept.past = is_set(kept.past) and (kept.past .. ' ' .. kept.invoice_id) or kept.invoice_id
  end
  write_hash(name, { job = id, origin = kept.origin or id, amount = entry.amount, currency = entry.currency or '',
    payer_email = entry.payer_email or '', payer_mobile = entry.payer_mobile or '', state = 'open',
    sent = kept.sent or '', past = kept.past or '', first_sent = kept.first_sent or '', mode = config.mode })
  return kept
end
