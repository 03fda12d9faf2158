-- Bounded portions of what time made ready: scheduled jobs that are due, and leases that ran out.
-- needs: base, job, finish
local portion = 100
local crashes_max = 3

-- A lease ran out: whatever its worker did last is unknown, so the next step is a look-up. A job that was lost once
-- is claimed alone from then on, so the losses after the first are evidence about this job only.
local function lapse(id)
  local meta = read_hash(meta_key(id))
  if meta.state ~= 'running' then return redis.call('ZREM', leases_place, id) end
  local crashes = (tonumber(meta.crashes) or 0) + 1
  count('lapsed')
  event('lapsed', id, meta.step)
  notice('leases_lost', meta.locked_by or '')
  redis.call('HDEL', meta_key(id), 'fence', 'locked_by', 'locked_at')
  if crashes > crashes_max and meta.step ~= 'create' then
    redis.call('HSET', meta_key(id), 'crashes', int(crashes))
    return end_job(id, meta, 'dead', { error_code = 'crash_loop',
      error_message = 'its worker died under it ' .. int(crashes) .. ' times in a row, the last ' .. int(crashes_max)
        .. ' while it ran alone; an invoice may exist: look before retrying' })
  end
  local fields = { step = 'lookup', crashes = crashes, settle = 'unanswered' }
  if crashes == 1 then return to_waiting(id, meta, fields) end
  -- Others go first, so that whoever kills workers at random does not meet the same job each time.
  to_scheduled(id, meta, now_ms + scheduled_delay_ms(crashes - 1), fields)
end

-- Returns whether more is due than one portion.
local function promote_due()
  local due = redis.call('ZRANGE', scheduled_place, '-inf', int(now_ms), 'BYSCORE', 'LIMIT', 0, portion)
  for _, id in ipairs(due) do
    local meta = { state = 'scheduled' }
    meta.priority, meta.ready_us = unpack(redis.call('HMGET', meta_key(id), 'priority', 'ready_us'))
    if meta.priority then to_waiting(id, meta) else redis.call('ZREM', scheduled_place, id) end
  end
  local lapsed = redis.call('ZRANGE', leases_place, '-inf', int(now_ms), 'BYSCORE', 'LIMIT', 0, portion)
  for _, id in ipairs(lapsed) do lapse(id) end
  return #due == portion or #lapsed == portion
end

-- Returns the wait (ms) until something is due by itself, or -1.
local function next_due_ms()
  local earliest = -1
  for _, place in ipairs({ scheduled_place, leases_place, key('chores') }) do
    local head = redis.call('ZRANGE', place, 0, 0, 'WITHSCORES')
    if head[2] then
      local wait = math.max(0, tonumber(head[2]) - now_ms)
      if earliest < 0 or wait < earliest then earliest = wait end
    end
  end
  return earliest
end
