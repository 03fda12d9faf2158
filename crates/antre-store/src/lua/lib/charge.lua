-- Attempts that are used without a request: the job alone was refused while others got through.
-- needs: base, pacer, finish
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
    meta.error_code, meta.error_status, meta.error_response = 'limited', '429', ''
    meta.error_message = 'refused ' .. limited_max .. ' times in a row by the rate limit while others passed'
  end
  local fields = { refused_at = '', limited = 0 }
  if use_attempt(id, meta, fields) then return false end
  write_hash(meta_key(id), fields)
  return true
end

-- Whether a claim of this job, or of an earlier job of its bill, may have been forgotten: see clock.
local function may_be_forgotten(id, meta)
  local accepted_ms, before_ms = tonumber(string.match(id, '^%d+')) or 0, pacer_number('recheck_before_ms')
  -- What was claimed since then is known here: a look-up has been answered already.
  if (tonumber(meta.claimed_at) or 0) >= before_ms then return false end
  if accepted_ms >= before_ms then return accepted_ms < pacer_number('recheck_new_until_ms') end
  if math.max(accepted_ms, tonumber(meta.claimed_at) or 0) < pacer_number('recheck_all_before_ms') then return true end
  if pacer_number('recheck_left') <= 0 then return false end
  set_pacer({ recheck_left = pacer_number('recheck_left') - 1 })
  return true
end

local function before_any_recheck() return not is_set(pacer.recheck_before_ms) end

local function recheck(id, meta)
  if meta.step ~= 'create' or before_any_recheck() or not may_be_forgotten(id, meta) then return end
  count('rechecked')
  meta.step, meta.settle, meta.rechecked = 'lookup', 'unanswered', '1'
  -- How wide the fence was on the server that knew of the claim may be forgotten, too.
  meta.effective_until = int(pacer_number('recheck_before_ms') + fence_max_us / 1000 + setting('request_timeout_ms'))
end
