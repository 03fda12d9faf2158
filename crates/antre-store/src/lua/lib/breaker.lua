-- The breaker: whether the fault is Xendit's (or the network's, or the key's) rather than a job's.
-- `suspects` holds the jobs whose requests failed since the last success; score = last probe (ms).
local suspects_to_open = 3
local failures_to_open = 3
local rejections_to_hold = 20
local key_probe_ms = 60000

local function is_open() return is_set(pacer.breaker) end

local function open_breaker(reason, probe_ms)
  if not is_open() then
    event('breaker_opened', nil, reason)
    count('breaker_opened')
    set_pacer({ breaker_since_ms = now_ms })
  end
  set_pacer({ breaker = reason, probe_ms = probe_ms, probe_at_us = now_us + probe_ms * 1000 })
end

-- A create that Xendit answered on its merits shows that everything works.
local function note_success()
  redis.call('DEL', key('suspects'))
  set_pacer({ failures = 0 })
  if is_open() then
    clear_pacer('breaker', 'breaker_since_ms', 'probe_ms', 'probe_at_us')
    event('breaker_closed')
    wake()
  end
end

local function note_answered() set_pacer({ failures = 0 }) end

-- `in_a_row` is true for requests that say nothing about the job: not sent, or a look-up that failed.
local function note_trouble(id, code, in_a_row)
  redis.call('ZADD', key('suspects'), 'NX', 0, id)
  if in_a_row then set_pacer({ failures = pacer_number('failures') + 1 }) end
  local enough = redis.call('ZCARD', key('suspects')) >= suspects_to_open or pacer_number('failures') >= failures_to_open
  if enough and not is_open() then open_breaker(code, setting('breaker_probe_ms')) end
end

local function note_key_refused(code)
  if pacer.breaker ~= code then open_breaker(code, key_probe_ms) end
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
