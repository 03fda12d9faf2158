-- Attempts that are used without a request: the job alone was refused while others got through.
local limited_max = 20

-- Returns whether the job may still be claimed; a job out of attempts is dead by this call.
local function settle_charges(id, meta)
  -- Only creates use attempts; a job that may have an invoice must be looked up first.
  if meta.step ~= 'create' then return true end
  -- A job of which a create may have had an effect must not end before it was looked up.
  if is_set(meta.effective_until) then return true end
  local others = pacer_number('successes')
  local is_refused = is_set(meta.refused_at) and others > tonumber(meta.refused_at)
  local is_limited = (tonumber(meta.limited) or 0) >= limited_max and others > (tonumber(meta.limited_at) or 0)
  if not (is_refused or is_limited) then return true end
  if is_limited and not is_refused then
    meta.error_code = 'limited'
    meta.error_message = 'refused ' .. limited_max .. ' times in a row by the rate limit while others passed'
  end
  local fields = { refused_at = '', limited = 0 }
  if use_attempt(id, meta, fields) then return false end
  write_hash(meta_key(id), fields)
  return true
end

-- A forgotten claim may have sent a create: after a change of servers the next few jobs look first.
local function recheck(id, meta)
  local accepted_ms = tonumber(string.match(id, '^%d+')) or 0
  if meta.step ~= 'create' or pacer_number('recheck_left') <= 0 then return end
  -- What was claimed since then is known here: a look-up has been answered already.
  local known_since_ms = math.max(accepted_ms, tonumber(meta.claimed_at) or 0)
  if known_since_ms >= pacer_number('recheck_before_ms') then return end
  set_pacer({ recheck_left = pacer_number('recheck_left') - 1 })
  meta.step, meta.settle = 'lookup', 'unanswered'
  meta.effective_until = int(pacer_number('recheck_before_ms') + setting('request_timeout_ms'))
end
