-- Attempts: only creates use them, and a job without any left is dead.
-- needs: base, pacer, jobs, ending
local charges = {}

local limited_max = 20

-- Uses one attempt. Returns whether the job is dead by it: by `failure`, or with the error of its last create.
function charges.use_attempt(ctx, id, meta, fields, failure)
  local attempts = (tonumber(meta.attempts) or 0) + 1
  fields.attempts, fields.tries, fields.pending_charge = attempts, 0, ''
  base.count(ctx, 'attempts')
  if attempts < (tonumber(meta.max_attempts) or 1) then return false end
  failure = failure or { error_code = meta.error_code, error_message = meta.error_message, error_status = meta.error_status,
    response = meta.error_response }
  failure.warnings, failure.effective_until = meta.warnings, meta.effective_until
  jobs.set(ctx, id, fields)
  ending.end_job(ctx, id, meta, 'dead', failure)
  return true
end

-- Attempts that are used without a request: the job alone was refused while others got through. Returns whether the job
-- may still be claimed; a job out of attempts is dead by this call.
function charges.apply(ctx, id, meta)
  -- Only creates use attempts; a job that may have an invoice must be looked up first.
  if meta.request ~= 'create' then return true end
  -- A job of which a create may have had an effect must not end before it was looked up.
  if base.is_set(meta.effective_until) then return true end
  local others = pacer.number(ctx, 'successes')
  local is_refused = base.is_set(meta.refused_at) and others > tonumber(meta.refused_at)
  local is_limited = (tonumber(meta.limited) or 0) >= limited_max and others > (tonumber(meta.limited_at) or 0)
  if not (is_refused or is_limited) then return true end
  local failure = not is_refused and { error_code = 'limited', error_status = '429', response = '',
    error_message = 'refused ' .. limited_max .. ' times in a row by the rate limit while others passed' }
  local fields = { refused_at = '', limited = 0 }
  if charges.use_attempt(ctx, id, meta, fields, failure) then return false end
  jobs.set(ctx, id, fields)
  return true
end

return charges
