-- What is told of an end: the result of a job or duplicate, and its entry in `ended`.
-- needs: base, pacer
local results = {}

results.ended_retention_ms = 7 * 24 * 3600 * 1000

-- A clock that jumped forward must not erase what is young: retention follows it by an hour per sweep at most.
local retention_step_ms = 3600 * 1000
function results.retention_clock_ms(ctx)
  local last_ms = pacer.number(ctx, 'retention_ms')
  return last_ms > 0 and math.min(ctx.now_ms, last_ms + retention_step_ms) or ctx.now_ms
end

local function quoted(value) return base.is_set(value) and cjson.encode(value) or 'null' end

-- The same for what is quoted as it is: ids and words of our own.
local function quoted_id(id) return base.is_set(id) and '"' .. id .. '"' or 'null' end

-- Returns the job that the bill belongs to, and whether this end is what the bill has now: a job that the bill does not
-- belong to (a conflict, a job that another one replaced) says nothing about the bill.
local function bill_of(id, meta, bill)
  local owner = bill and bill.job
  -- The bill may be forgotten, or another program may have put something else there.
  if not base.is_set(owner) then owner = base.is_set(meta.origin) and id or meta.duplicate_of end
  return owner or '', base.is_set(owner) and (owner == id or owner == meta.duplicate_of)
end

local function failure_of(end_fields)
  if not base.is_set(end_fields.error_code) then return 'null' end
  local status = base.is_set(end_fields.error_status) and end_fields.error_status or 'null'
  return '{"code":' .. quoted(end_fields.error_code) .. ',"message":' .. quoted(end_fields.error_message)
    .. ',"status":' .. status .. '}'
end

-- `end_fields`: invoice_id, invoice_url, expiry_date, response (JSON text), error_code, error_message, error_status,
-- warnings (JSON text). `bill`: as it is now, or nothing.
function results.publish(ctx, id, meta, state, end_fields, bill)
  local failure = failure_of(end_fields)
  -- Xendit's answer is kept once: a duplicate names the job that has it.
  local is_kept = base.is_set(end_fields.response) and not base.is_set(meta.duplicate_of)
  local response = is_kept and end_fields.response or 'null'
  local warnings = base.is_set(end_fields.warnings) and end_fields.warnings or '[]'
  local amount = base.is_set(meta.amount) and meta.amount or 'null'
  local attempts = base.is_set(meta.attempts) and meta.attempts or '0'
  local bill_job, is_bill_result = bill_of(id, meta, bill)
  local result = '{"job":"' .. id .. '","state":"' .. state .. '","external_id":' .. quoted(meta.external_id)
    .. ',"reference":' .. quoted(meta.reference) .. ',"amount":' .. amount .. ',"currency":' .. quoted(meta.currency)
    .. ',"invoice_id":' .. quoted(end_fields.invoice_id) .. ',"invoice_url":' .. quoted(end_fields.invoice_url)
    .. ',"expiry_date":' .. quoted(end_fields.expiry_date) .. ',"response":' .. response
    .. ',"error":' .. failure .. ',"attempts":' .. attempts .. ',"warnings":' .. warnings
    .. ',"duplicate_of":' .. quoted_id(meta.duplicate_of) .. ',"bill_job":' .. quoted_id(bill_job)
    .. ',"is_bill_result":' .. (is_bill_result and 'true' or 'false') .. '}'
  local list = ctx.key_of('result:', id)
  local listed = redis.pcall('RPUSH', list, result)
  -- There is one already, or another program put something else there.
  if listed ~= 1 then
    redis.call('DEL', list)
    redis.call('RPUSH', list, result)
  end
  redis.call('XADD', ctx.key('ended'), 'MINID', '~', base.int(results.retention_clock_ms(ctx) - results.ended_retention_ms), '*',
    'job', id, 'state', state, 'external_id', meta.external_id or '', 'reference', meta.reference or '',
    'amount', meta.amount or '', 'currency', meta.currency or '', 'invoice_id', end_fields.invoice_id or '', 'invoice_url', end_fields.invoice_url or '',
    'expiry_date', end_fields.expiry_date or '', 'error', failure,
    'attempts', attempts, 'warnings', warnings, 'duplicate_of', meta.duplicate_of or '', 'bill_job', bill_job,
    'is_bill_result', is_bill_result and '1' or '')
end

return results
