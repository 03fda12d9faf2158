-- The account's breaker: whether the fault is Xendit's (or everybody's network) rather than a job's or a worker's.
-- `suspects` holds the jobs whose requests failed since the last success; score = last probe (ms).
-- Scopes: `jobs`: only neutral probes leave; `creates`: look-ups leave, and creates are probes.
-- needs: base, pacer
local suspects_to_open = 3
local failures_to_open = 3
local rejections_to_hold = 20
local key_probe_ms = 60000
-- No worker has this name.
local many = '*'

local function is_open() return is_set(pacer.breaker) end

-- `worker` met the last failure, so others probe first. The first probe since a create succeeded leaves at once.
local function open_breaker(reason, probe_ms, worker)
  event('breaker_opened', nil, reason)
  count('breaker_opened')
  local is_first = pacer_number('reopened') == 0
  set_pacer({ breaker = reason, breaker_scope = 'jobs', breaker_since_ms = now_ms, probe_ms = probe_ms,
    probe_at_us = now_us + (is_first and 0 or probe_ms * 1000), prober = worker, reopened = 1 })
end

local function close_breaker()
  redis.call('DEL', key('suspects'))
  set_pacer({ failures = 0, create_failures = 0, trouble_by = '' })
  if not is_open() then return end
  clear_pacer('breaker', 'breaker_scope', 'breaker_since_ms', 'probe_ms', 'probe_at_us', 'prober')
  event('breaker_closed')
  wake()
end

-- Twenty different jobs refused with one code in a row: something about the account, for a person.
local function note_rejected(id, code)
  if pacer.rejection_code ~= code then
    set_pacer({ rejection_code = code, rejections = 1, rejection_job = id })
  elseif pacer.rejection_job ~= id then
    set_pacer({ rejections = pacer_number('rejections') + 1, rejection_job = id })
  end
  if pacer_number('rejections') >= rejections_to_hold and not is_set(pacer.held_at_ms) then
    set_pacer({ held_by = 'antre', held_at_ms = now_ms, held_reason = 'rejections: ' .. code, rejections = 0 })
    event('paused', nil, 'rejections: ' .. code)
  end
end
