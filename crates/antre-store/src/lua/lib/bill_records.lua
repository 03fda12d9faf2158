-- What `external_id:<external_id>` remembers of a bill, read and written as one.
-- A JSON list of texts, in the order of `places`; what is empty at its end is not written. So small, because it is kept
-- much longer than anything else.
-- needs: base
local bill_records = {}

local places = { 'state', 'job', 'origin', 'amount', 'currency', 'payer_email', 'payer_mobile', 'mode', 'sent', 'first_sent',
  'closed_before', 'invoice_id', 'invoice_url', 'expiry_date', 'expires_at', 'closed_invoices', 'effective_until', 'former' }

-- Returns the bill, empty if it is unknown; nothing if another program put something else there.
function bill_records.read(ctx, external_id)
  local text = base.text(ctx.bill_key(external_id))
  if text == nil then return {} end
  local is_read, values = pcall(cjson.decode, text or '')
  if not is_read or type(values) ~= 'table' then return nil end
  local bill = {}
  for i, place in ipairs(places) do
    if type(values[i]) == 'string' and values[i] ~= '' then bill[place] = values[i] end
  end
  if not bill.job then return nil end
  -- Mostly a bill has one job ever.
  bill.origin = bill.origin or bill.job
  return bill
end

-- `retention`: seconds, 'KEEPTTL' for what is left, or nothing for ever.
function bill_records.write(ctx, external_id, bill, retention)
  local values, used = {}, 0
  for i, place in ipairs(places) do
    local value = bill[place]
    if type(value) == 'number' then value = base.int(value) end
    if place == 'origin' and value == bill.job then value = nil end
    values[i] = value or ''
    if values[i] ~= '' then used = i end
  end
  for i = used + 1, #places do values[i] = nil end
  -- A slash needs no escape, and a link has four.
  local name, text = ctx.bill_key(external_id), string.gsub(cjson.encode(values), '\\/', '/')
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
