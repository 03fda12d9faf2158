-- The one way a job ends, whatever state it was in, with its duplicates and its bill.
-- needs: base, settings, jobs, bills, follow_ups, results
local ending = {}

ending.duplicates_max = 100

local function record_end(ctx, id, state, end_fields)
  jobs.set_state(ctx, id, state, { ended_at = ctx.now_ms, invoice_id = end_fields.invoice_id or '', invoice_url = end_fields.invoice_url or '',
    expiry_date = end_fields.expiry_date or '', error_code = end_fields.error_code or '',
    error_message = end_fields.error_message or '', error_status = end_fields.error_status or '', warnings = end_fields.warnings or '[]' })
  redis.call('HDEL', ctx.meta_key(id), 'claim_token', 'locked_by', 'locked_at', 'error_response')
end

function ending.retention_s(ctx, state)
  return math.floor(settings.number(ctx, state == 'dead' and 'retention_dead_ms' or 'retention_done_ms') / 1000)
end

-- A duplicate is in no set: its record goes by itself when its time is over.
function ending.end_duplicate(ctx, id, state, end_fields)
  local meta = base.read_hash(ctx.meta_key(id))
  record_end(ctx, id, state, end_fields)
  results.publish(ctx, id, meta, state, end_fields)
  redis.call('EXPIRE', ctx.meta_key(id), ending.retention_s(ctx, state))
end

function ending.end_duplicates(ctx, id, state, end_fields)
  local list = ctx.key('duplicates:' .. id)
  for _, duplicate in ipairs(redis.call('LRANGE', list, 0, ending.duplicates_max - 1)) do ending.end_duplicate(ctx, duplicate, state, end_fields) end
  -- A dead job may be revived and a done one relinked: then its duplicates want to hear of that as well.
  redis.call('EXPIRE', list, ending.retention_s(ctx, state))
end

-- A bill that was looked at again in vain has the invoice that it had.
local function restore_bill(ctx, name, former)
  local is_read, fields = pcall(cjson.decode, former)
  if not is_read or type(fields) ~= 'table' then return false end
  fields.state = 'done'
  base.write_hash(name, fields)
  redis.call('HDEL', name, 'former')
  redis.call('EXPIRE', name, bills.retention_s)
  return true
end

local function record_bill_end(ctx, id, meta, state, end_fields)
  local name = ctx.bill_key(meta.external_id)
  -- Another program may have put something else there.
  if redis.call('TYPE', name).ok ~= 'hash' then return end
  local bill = redis.call('HMGET', name, 'job', 'former')
  if bill[1] ~= id then return end
  if state ~= 'done' and base.is_set(bill[2]) and restore_bill(ctx, name, bill[2]) then return end
  redis.call('HDEL', name, 'former')
  -- A successor must not create before the absence of this job's last create can be trusted.
  local fields = { state = state, invoice_id = end_fields.invoice_id or '', invoice_url = end_fields.invoice_url or '',
    expiry_date = end_fields.expiry_date or '', expires_at = end_fields.expires_at or '',
    effective_until = end_fields.effective_until or meta.effective_until or '' }
  if (tonumber(meta.creates) or 0) > 0 or base.is_set(meta.touched) or state == 'done' then fields.sent = '1' end
  base.write_hash(name, fields)
  if state == 'dead' then redis.call('PERSIST', name) else redis.call('EXPIRE', name, bills.retention_s) end
end

-- `end_fields`: those of a result, expires_at, and effective_until where the record has another one by now.
function ending.end_job(ctx, id, meta, state, end_fields)
  jobs.leave_place(ctx, id, meta)
  record_end(ctx, id, state, end_fields)
  if state == 'cancelled' then
    redis.call('EXPIRE', ctx.meta_key(id), ending.retention_s(ctx, state))
    redis.call('HDEL', ctx.key('data'), id)
  else
    redis.call('ZADD', ctx.key(state), base.int(ctx.now_ms), id)
  end
  if base.is_set(meta.external_id) then record_bill_end(ctx, id, meta, state, end_fields) end
  results.publish(ctx, id, meta, state, end_fields)
  ending.end_duplicates(ctx, id, state, end_fields)
  redis.call('ZREM', ctx.key('suspects'), id)
  base.count(ctx, state)
  base.count_minute(ctx, state)
  base.count_batch(ctx, meta.batch, state)
  if meta.state == 'dead' then base.count_batch(ctx, meta.batch, 'dead', -1) end
  -- A refusal is taken to mean that nothing was made; an audit costs little where that should be wrong.
  local is_doubtful = (tonumber(meta.creates) or 0) > 1 or base.is_set(meta.touched)
  if state == 'done' and is_doubtful then follow_ups.audit_later(ctx, id, meta.external_id) end
end

return ending
