-- What each outcome that does not end a job means for it. A claim `c` holds id, meta, answer, tries, is_own and
-- was_open (the breaker, before this answer). Each meaning returns the reply's word.
-- needs: base, settings, pacer, jobs, ending, charges
local outcomes = {}

local own_failures_max = 8
-- The meanings, by outcome.
outcomes.after = {}
local after = outcomes.after

local function again_after_delay(ctx, c, fields, delay_ms)
  fields.tries = c.tries
  -- What killed a job in the end is told by its last create, not by the look-ups after it.
  if c.meta.request == 'create' or not base.is_set(c.meta.error_code) then
    fields.error_code, fields.error_message = c.answer.code, c.answer.message
    fields.error_status, fields.error_response = c.answer.status or '', c.answer.response or ''
  end
  base.event(ctx, 'retrying', c.id, c.answer.code)
  base.count_minute(ctx, 'retried')
  jobs.to_scheduled(ctx, c.id, c.meta, ctx.now_ms + (delay_ms or settings.retry_delay_ms(ctx, (tonumber(c.meta.attempts) or 0) + c.tries)), fields)
  return 'scheduled'
end

function after.ambiguous(ctx, c)
  local fields = { request = 'lookup', last_create = 'unanswered', pending_charge = c.was_open and '' or '1' }
  if c.answer.is_answered == '1' then fields.last_create, fields.effective_until = 'answered', ctx.now_ms end
  return again_after_delay(ctx, c, fields)
end

function after.not_sent(ctx, c) return again_after_delay(ctx, c, jobs.restored(c.meta)) end

function after.expired(ctx, c) return again_after_delay(ctx, c, { request = 'lookup' }) end

-- While others get their answers, a look-up that fails is this job's own trouble: it waits longer each time and then
-- ends. Whether it has an invoice stays open, and the bill's next job looks first.
function after.lookup_failed(ctx, c)
  if not c.is_own then return again_after_delay(ctx, c, { request = 'lookup' }) end
  local own = (tonumber(c.meta.own_failures) or 0) + 1
  local fields = { request = 'lookup', own_failures = own }
  if own < own_failures_max then return again_after_delay(ctx, c, fields, settings.own_delay_ms(ctx, own)) end
  fields.touched = '1'
  jobs.set(ctx, c.id, fields)
  ending.end_job(ctx, c.id, c.meta, 'dead', { error_code = 'lookup_refused', warnings = c.meta.warnings,
    error_message = 'its look-up failed ' .. own_failures_max .. ' times while others were answered (' .. (c.answer.code or '')
      .. '); an invoice may exist: look at Xendit, then retry or discard' })
  return 'dead'
end

function after.refused(ctx, c)
  if c.meta.request ~= 'create' then return after.lookup_failed(ctx, c) end
  local fields = jobs.refused_request(c.meta)
  fields.refused_at = pacer.number(ctx, 'successes')
  return again_after_delay(ctx, c, fields)
end

function after.key_refused(ctx, c)
  jobs.to_waiting(ctx, c.id, c.meta, jobs.refused_request(c.meta))
  return 'waiting'
end

function after.limited(ctx, c)
  local fields, times = jobs.refused_request(c.meta), tonumber(c.meta.limited) or 0
  fields.limited = times + 1
  if times == 0 then fields.limited_at = pacer.number(ctx, 'successes') end
  jobs.to_waiting(ctx, c.id, c.meta, fields)
  return 'waiting'
end

-- Creating again needs a look-up that was sent after everything that may still have had effect can be seen.
function after.absent(ctx, c)
  local meta = c.meta
  local trust_ms = settings.number(ctx, meta.last_create == 'answered' and 'trust_absence_answered_ms' or 'trust_absence_unanswered_ms')
  local trusted_after_ms = base.is_set(meta.effective_until) and tonumber(meta.effective_until) + trust_ms or 0
  if tonumber(meta.claimed_at) <= trusted_after_ms then
    jobs.to_scheduled(ctx, c.id, meta, trusted_after_ms + 1, { request = 'lookup' })
    return 'scheduled'
  end
  if base.is_set(meta.cancelled_by) then
    jobs.set(ctx, c.id, { touched = '' })
    ending.end_job(ctx, c.id, meta, 'cancelled', {})
    return 'cancelled'
  end
  local fields = { request = 'create', effective_until = '', last_create = '', tries = 0 }
  if base.is_set(meta.pending_charge) and charges.use_attempt(ctx, c.id, meta, fields) then return 'dead' end
  jobs.to_waiting(ctx, c.id, meta, fields)
  return 'waiting'
end

function after.expire_first(ctx, c)
  jobs.to_waiting(ctx, c.id, c.meta, { request = 'expire', expire_id = c.answer.invoice_id })
  return 'waiting'
end

-- A worker stopped while its request ran: nobody's fault, so no attempt is used.
function after.abandoned(ctx, c)
  jobs.to_waiting(ctx, c.id, c.meta, { request = c.meta.request == 'create' and 'lookup' or c.meta.request, last_create = 'unanswered' })
  return 'waiting'
end

return outcomes
