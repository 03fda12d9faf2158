-- What a bill remembers of its end, and what people hear of it.
-- needs: base, pacer, ending

-- A job got an invoice that its customer had paid before: perhaps this was meant to be a new bill, and nothing is billed.
local function note_already_paid(id, invoice)
  event('already_paid', id, invoice)
  count('already_paid')
  set_pacer({ already_paid_ms = now_ms, already_paid_before_ms = pacer_number('already_paid_ms') })
end

-- A bill that was looked at again in vain has the invoice that it had.
local function restore_bill(name, former)
  local is_read, fields = pcall(cjson.decode, former)
  if not is_read or type(fields) ~= 'table' then return false end
  fields.state = 'done'
  write_hash(name, fields)
  redis.call('HDEL', name, 'former')
  redis.call('EXPIRE', name, bill_retention_s)
  return true
end

local function record_bill_end(id, meta, state, end_fields)
  local name = bill_key(meta.external_id)
  -- Another program may have put something else there.
  if redis.call('TYPE', name).ok ~= 'hash' then return end
  local bill = redis.call('HMGET', name, 'job', 'former')
  if bill[1] ~= id then return end
  if state ~= 'done' and is_set(bill[2]) and restore_bill(name, bill[2]) then return end
  redis.call('HDEL', name, 'former')
  -- A successor must not create before this job's last create has settled: `effective_until` as the end found it.
  local fields = { state = state, invoice_id = end_fields.invoice_id or '', invoice_url = end_fields.invoice_url or '',
    expiry_date = end_fields.expiry_date or '', expires_at = end_fields.expires_at or '',
    effective_until = meta.effective_until or '' }
  if (tonumber(meta.creates) or 0) > 0 or is_set(meta.touched) or state == 'done' then fields.sent = '1' end
  write_hash(name, fields)
  if state == 'dead' then redis.call('PERSIST', name) else redis.call('EXPIRE', name, bill_retention_s) end
end
