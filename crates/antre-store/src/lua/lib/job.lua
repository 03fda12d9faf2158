-- A job's place and record. A living job is in exactly one of: its priority's set, `scheduled`, `leases`.
-- `effective_until` is set while a create of the job may have had an effect that nobody has seen yet.
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

-- Jobs wished for one instant are tied; the offset keeps them in order of acceptance.
local function scheduled_ready_us(run_at_ms)
  local last = redis.call('HMGET', key('totals'), 'run_at_last', 'run_at_offset')
  local offset = last[1] == int(run_at_ms) and tonumber(last[2]) + 1 or 0
  redis.call('HSET', key('totals'), 'run_at_last', int(run_at_ms), 'run_at_offset', int(offset))
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

local function to_waiting(id, meta, fields)
  leave_place(id, meta)
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

-- Returns the wait (ms) before the next try: the schedule by attempts used and failures since.
local function retry_delay_ms(meta, tries)
  local wanted, delay = (tonumber(meta.attempts) or 0) + tries, 0
  local position = 0
  for text in string.gmatch(config.retry_delays or '', '%d+') do
    position = position + 1
    delay = tonumber(text)
    if position >= wanted then break end
  end
  return delay
end
