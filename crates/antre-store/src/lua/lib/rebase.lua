-- What a clock that stepped back leaves in the future: moved in bounded portions.
-- needs: base, pacer, job, windows
local rebase_horizon_ms = 10 * 60 * 1000
local rebase_portion = 100

-- A step back of more than a second: grants in the future become now, automatic pauses keep their length.
local function rebase(last_us)
  -- A grant of this very moment may still be sent within its fence, which may have halved once since.
  local latest_send = int(now_us + 2 * fence_us())
  local ahead = redis.call('ZRANGE', key('grants'), '(' .. latest_send, '+inf', 'BYSCORE')
  for _, fence in ipairs(ahead) do redis.call('ZADD', key('grants'), latest_send, fence) end
  local last_ms = math.floor(last_us / 1000)
  local fields = { rebase_until_ms = last_ms + rebase_horizon_ms, rebase_kept = 0,
    rebase_step_ms = last_ms - now_ms, rebase_chores_ms = now_ms + 1 }
  for _, field in ipairs({ 'next_at_us', 'pause_until_us', 'budget_until_us' }) do
    if is_set(pacer[field]) then fields[field] = now_us + math.max(0, pacer_number(field) - last_us) end
  end
  for _, field in ipairs({ 'probe_at_us', 'factor_at_us', 'fence_at_us' }) do
    if is_set(pacer[field]) then fields[field] = math.min(pacer_number(field), now_us) end
  end
  set_pacer(fields)
  redis.call('HSET', key('totals'), 'ready_us', int(now_us))
  fill_short_windows()
  event('clock_rebased', nil, int((last_us - now_us) / 1000) .. ' ms back')
  count('clock_rebased')
  notice('clock_stepped_back', int((last_us - now_us) / 1000))
end

local function rebase_leases()
  local lease_end = now_ms + setting('lease_ms')
  local stale = redis.call('ZRANGE', key('leases'), '(' .. int(lease_end), '+inf', 'BYSCORE', 'LIMIT', 0, rebase_portion)
  for _, id in ipairs(stale) do redis.call('ZADD', key('leases'), int(lease_end), id) end
  return #stale == rebase_portion
end

local function rebase_scheduled()
  local kept = pacer_number('rebase_kept')
  local due = redis.call('ZRANGE', key('scheduled'), '(' .. int(now_ms), pacer.rebase_until_ms, 'BYSCORE', 'LIMIT', int(kept), rebase_portion)
  for _, id in ipairs(due) do
    local run_at = tonumber(redis.call('HGET', meta_key(id), 'run_at') or '') or 0
    -- A wish for a wall-clock time stands; every other wait was counted from the old clock.
    if run_at > now_ms then kept = kept + 1 else redis.call('ZADD', key('scheduled'), int(now_ms), id) end
  end
  set_pacer({ rebase_kept = kept })
  return #due == rebase_portion
end

-- Each keeps what was left of its wait. The next portion begins where this one ended; what was moved lies before it.
local function rebase_chores()
  local step_ms = pacer_number('rebase_step_ms')
  local stale = redis.call('ZRANGE', key('chores'), int(pacer_number('rebase_chores_ms')), '+inf', 'BYSCORE', 'LIMIT', 0, rebase_portion, 'WITHSCORES')
  for i = 1, #stale, 2 do
    redis.call('ZADD', key('chores'), int(math.max(now_ms, tonumber(stale[i + 1]) - step_ms)), stale[i])
    set_pacer({ rebase_chores_ms = tonumber(stale[i + 1]) })
  end
  return #stale == 2 * rebase_portion
end

-- Jobs that were accepted while the clock was ahead would wait until it is there again.
local function rebase_waiting()
  local is_more = false
  for _, priority in ipairs({ 'high', 'normal', 'low' }) do
    local ahead = redis.call('ZRANGE', key(priority), '(' .. int(now_us + step_tolerated_us), '+inf', 'BYSCORE', 'LIMIT', 0, rebase_portion)
    for _, id in ipairs(ahead) do
      local ready = next_ready_us()
      redis.call('ZADD', key(priority), int(ready), id)
      redis.call('HSET', meta_key(id), 'ready_us', int(ready))
    end
    is_more = is_more or #ahead == rebase_portion
  end
  return is_more
end

-- Moves one portion of what the old clock put into the future. Returns whether more is left.
local function rebase_portion_left()
  if not is_set(pacer.rebase_until_ms) then return false end
  local leases, scheduled, chores, waiting = rebase_leases(), rebase_scheduled(), rebase_chores(), rebase_waiting()
  if leases or scheduled or chores or waiting then return true end
  clear_pacer('rebase_until_ms', 'rebase_kept', 'rebase_step_ms', 'rebase_chores_ms')
  return false
end
