-- How jobs and their duplicates are recorded as ended.
-- needs: base, pacer, job, result
local bill_retention_s = 400 * 24 * 3600
local duplicates_max = 100

local function record_end(id, state, end_fields)
  set_state(id, state, { ended_at = now_ms, invoice_id = end_fields.invoice_id or '', invoice_url = end_fields.invoice_url or '',
    expiry_date = end_fields.expiry_date or '', error_code = end_fields.error_code or '',
    error_message = end_fields.error_message or '', error_status = end_fields.error_status or '', warnings = end_fields.warnings or '[]' })
  redis.call('HDEL', meta_key(id), 'fence', 'locked_by', 'locked_at', 'error_response')
end

local function retention_s(state)
  return math.floor(setting(state == 'dead' and 'retention_dead_ms' or 'retention_done_ms') / 1000)
end

-- A duplicate is in no set: its record goes by itself when its time is over.
local function end_duplicate(id, state, end_fields)
  local meta = read_hash(meta_key(id))
  record_end(id, state, end_fields)
  publish_result(id, meta, state, end_fields)
  redis.call('EXPIRE', meta_key(id), retention_s(state))
end

local function end_duplicates(id, state, end_fields)
  local list = key('duplicates:' .. id)
  for _, duplicate in ipairs(redis.call('LRANGE', list, 0, duplicates_max - 1)) do end_duplicate(duplicate, state, end_fields) end
  -- A dead job may be revived and a done one relinked: then its duplicates want to hear of that as well.
  redis.call('EXPIRE', list, retention_s(state))
end
