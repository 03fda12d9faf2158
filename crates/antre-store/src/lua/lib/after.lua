-- What each outcome that does not end a job means for it. A claim `c` holds id, meta, answer, tries and
-- was_open (the breaker, before this answer). Each returns the reply's word.
-- needs: base, pacer, job, finish, restore
local after = {}
-- Outcomes that are answers to a look-up.
local answered_look_ups = { absent = true, expire_first = true }

-- Answers that were another request's, by code.
local mixed_up = { answer_mismatch = true, foreign_list = true }

local function again_after_delay(c, fields, delay_ms)
  fields.tries = c.tries
  -- What killed a job in the end is told by its last create, not by the look-ups after it.
  if c.meta.step == 'create' or not is_set(c.meta.error_code) then
    fields.error_code, fields.error_message = c.answer.code, c.answer.message
    fields.error_status, fields.error_response = c.answer.status or '', c.answer.response or ''
  end
  event('retrying', c.id, c.answer.code)
  count_minute('retried')
  to_scheduled(c.id, c.meta, now_ms + (delay_ms or retry_delay_ms(c.meta, c.tries)), fields)
  return 'scheduled'
end

function after.ambiguous(c)
  local fields = { step = 'lookup', settle = 'unanswered', pending_charge = c.was_open and '' or '1' }
  if c.answer.is_answered == '1' then fields.settle, fields.effective_until = 'answered', now_ms end
  return again_after_delay(c, fields)
end

function after.not_sent(c) return again_after_delay(c, restored(c.meta)) end

function after.expired(c) return again_after_delay(c, { step = 'lookup' }) end

function after.refused(c)
  if c.meta.step ~= 'create' then return after.lookup_failed(c) end
  local fields = refused_request(c.meta)
  fields.refused_at = pacer_number('successes')
  return again_after_delay(c, fields)
end

function after.key_refused(c)
  to_waiting(c.id, c.meta, refused_request(c.meta))
  return 'waiting'
end

function after.limited(c)
  local fields, times = refused_request(c.meta), tonumber(c.meta.limited) or 0
  fields.limited = times + 1
  if times == 0 then fields.limited_at = pacer_number('successes') end
  to_waiting(c.id, c.meta, fields)
  return 'waiting'
end

-- Creating again needs a look-up that was sent after everything that may still have had effect has settled.
function after.absent(c)
  local meta = c.meta
  local settle = setting(meta.settle == 'answered' and 'settle_answered_ms' or 'settle_unanswered_ms')
  local settled_ms = is_set(meta.effective_until) and tonumber(meta.effective_until) + settle or 0
  if tonumber(meta.claimed_at) <= settled_ms then
    to_scheduled(c.id, meta, settled_ms + 1, { step = 'lookup' })
    return 'scheduled'
  end
  local fields = { step = 'create', effective_until = '', settle = '', tries = 0 }
  if is_set(meta.pending_charge) and use_attempt(c.id, meta, fields) then return 'dead' end
  to_waiting(c.id, meta, fields)
  return 'waiting'
end

function after.expire_first(c)
  to_waiting(c.id, c.meta, { step = 'expire', expire_id = c.answer.invoice_id })
  return 'waiting'
end

-- A worker stopped while its request ran: nobody's fault, so no attempt is used.
function after.abandoned(c)
  to_waiting(c.id, c.meta, { step = c.meta.step == 'create' and 'lookup' or c.meta.step, settle = 'unanswered' })
  return 'waiting'
end
