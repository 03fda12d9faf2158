-- How jobs end: one result per job and per duplicate of it, the bill's record, counters.
local result_retention_s = 24 * 3600
local bill_retention_s = 400 * 24 * 3600
local ended_retention_ms = 7 * 24 * 3600 * 1000
local duplicates_max = 100

-- A clock that jumped forward must not erase what is young: retention follows it by an hour per sweep at most.
local retention_step_ms = 3600 * 1000
local function retention_clock_ms()
  local last_ms = pacer_number('retention_ms')
  return last_ms > 0 and math.min(now_ms, last_ms + retention_step_ms) or now_ms
end

local function quoted(value) return is_set(value) and cjson.encode(value) or 'null' end

-- `end_fields`: invoice_id, invoice_url, expiry_date, response (JSON text), error_code, error_message, warnings (JSON text).
local function publish_result(id, meta, state, end_fields)
  local failure = 'null'
  if is_set(end_fields.error_code) then
    failure = '{"code":' .. quoted(end_fields.error_code) .. ',"message":' .. quoted(end_fields.error_message) .. '}'
  end
  -- Xendit's answer is kept once: a duplicate names the job that has it.
  local is_kept = is_set(end_fields.response) and not is_set(meta.duplicate_of)
  local response = is_kept and end_fields.response or 'null'
  local warnings = is_set(end_fields.warnings) and end_fields.warnings or '[]'
  local amount = is_set(meta.amount) and meta.amount or 'null'
  local attempts = is_set(meta.attempts) and meta.attempts or '0'
  local result = '{"job":' .. quoted(id) .. ',"state":' .. quoted(state) .. ',"external_id":' .. quoted(meta.external_id)
    .. ',"reference":' .. quoted(meta.reference) .. ',"amount":' .. amount
    .. ',"invoice_id":' .. quoted(end_fields.invoice_id) .. ',"invoice_url":' .. quoted(end_fields.invoice_url)
    .. ',"expiry_date":' .. quoted(end_fields.expiry_date) .. ',"response":' .. response
    .. ',"error":' .. failure .. ',"attempts":' .. attempts .. ',"warnings":' .. warnings
    .. ',"duplicate_of":' .. quoted(meta.duplicate_of) .. '}'
  local list = key('result:' .. id)
  redis.call('DEL', list)
  redis.call('RPUSH', list, result)
  redis.call('EXPIRE', list, result_retention_s)
  redis.call('HSET', meta_key(id), 'result', result)
  redis.call('XADD', key('ended'), 'MINID', '~', int(retention_clock_ms() - ended_retention_ms), '*',
    'job', id, 'state', state, 'external_id', meta.external_id or '', 'reference', meta.reference or '',
    'amount', meta.amount or '', 'invoice_id', end_fields.invoice_id or '', 'invoice_url', end_fields.invoice_url or '',
    'expiry_date', end_fields.expiry_date or '', 'response', response, 'error', failure,
    'attempts', attempts, 'warnings', warnings)
end

local function record_end(id, state, end_fields)
  set_state(id, state, { ended_at = now_ms, invoice_id = end_fields.invoice_id or '', invoice_url = end_fields.invoice_url or '',
    expiry_date = end_fields.expiry_date or '', error_code = end_fields.error_code or '',
    error_message = end_fields.error_message or '', warnings = end_fields.warnings or '[]' })
  redis.call('HDEL', meta_key(id), 'fence', 'locked_by', 'locked_at')
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
