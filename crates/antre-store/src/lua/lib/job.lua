-- A job's place and record. A living job is in exactly one of: its priority's set, `scheduled`, `leases`.
-- `effective_until` is set while a create of the job may have had an effect that nobody has seen yet.
-- needs: base, pacer
local apalis_status = {
  waiting = 'Pending', scheduled = 'Pending', running = 'Running',
  done = 'Done', dead = 'Failed', cancelled = 'Killed',
}
local scheduled_place, leases_place = key('scheduled'), key('leases')

-- Returns the next score (us) of the waiting sets: strictly increasing, so order of acceptance is kept.
local function next_ready_us()
  local ready = math.max(now_us, (tonumber(redis.call('HGET', key('totals'), 'ready_us') or '') or 0) + 1)
  redis.call('HSET', key('totals'), 'ready_us', int(ready))
  return ready
end

-- Jobs wished for one instant are tied; a counter of that instant keeps them in order of acceptance.
local run_at_memory_ms = 24 * 3600 * 1000
local function scheduled_ready_us(run_at_ms)
  local counter = key('run_at:' .. int(run_at_ms))
  local offset = redis.call('INCR', counter) - 1
  redis.call('PEXPIRE', counter, int(run_at_ms - now_ms + run_at_memory_ms))
  return run_at_ms * 1000 + offset
end

local function set_state(id, state, fields)
  fields = fields or {}
  fields.state, fields.status = state, apalis_status[state]
  write_hash(meta_key(id), fields)
end

local function leave_place(id, meta)
  if meta.state == 'waiting' then redis.call('ZREM', key(meta.priority), id)
  elseif meta.state == 'scheduled' then redis.call('ZREM', scheduled_place, id)
  elseif meta.state == 'running' then redis.call('ZREM', leases_place, id)
  elseif meta.state == 'done' or meta.state == 'dead' then redis.call('ZREM', key(meta.state), id) end
end

-- A ready time that a clock ahead of this one gave would keep the job back until then.
local ready_tolerated_us = 1000000
local function to_waiting(id, meta, fields)
  leave_place(id, meta)
  fields = fields or {}
  if (tonumber(meta.ready_us) or 0) > now_us + ready_tolerated_us then
    meta.ready_us = int(next_ready_us())
    fields.ready_us = meta.ready_us
  end
  redis.call('ZADD', key(meta.priority), meta.ready_us, id)
  set_state(id, 'waiting', fields)
end

local function to_scheduled(id, meta, due_ms, fields)
  leave_place(id, meta)
  redis.call('ZADD', scheduled_place, int(due_ms), id)
  set_state(id, 'scheduled', fields)
end

local function holds_fence(meta, fence)
  return meta.state == 'running' and meta.fence == fence
end

-- Returns the wait (ms) at a position of the schedule, from 1; past its end the last one.
local function scheduled_delay_ms(wanted)
  local position, delay = 0, 0
  for text in string.gmatch(config.retry_delays or '', '%d+') do
    position = position + 1
    delay = tonumber(text)
    if position >= wanted then break end
  end
  return delay
end

-- Returns the wait (ms) before the next try: the schedule by attempts used and failures since.
local function retry_delay_ms(meta, tries) return scheduled_delay_ms((tonumber(meta.attempts) or 0) + tries) end

-- Returns the wait (ms) after failure number `times` that is the job's own: the last delay, doubled each time.
local own_delay_max_ms = 60000
local function own_delay_ms(times)
  local last = scheduled_delay_ms(1000)
  return math.max(last, math.min(own_delay_max_ms, last * 2 ^ math.min(times - 1, 20)))
end
