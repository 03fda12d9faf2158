-- What must hold when Redis' clock stepped back or the server is another one than before.
local step_tolerated_us = 1000000
local short_window_us = 10 * 1000000
local rebase_horizon_ms = 10 * 60 * 1000
local rebase_portion = 100
local replayed_s = 10

-- Counts every window up to 10 s as full, so that forgotten or misplaced grants cannot make a burst.
local function fill_short_windows()
  local longest_us = 0
  for _, limit in ipairs(limits) do
    if limit.window_us <= short_window_us then longest_us = math.max(longest_us, limit.window_us) end
  end
  -- Giving the last grant back must not undo this.
  set_pacer({ next_at_us = math.max(pacer_number('next_at_us'), now_us + longest_us + guard_us()), last_grant = '' })
end

-- A step back of more than a second: grants in the future become now, automatic pauses keep their length.
local function rebase(last_us)
  -- A grant of this very moment may still be sent within its fence, which may have halved once since.
  local latest_send = int(now_us + 2 * fence_us())
  local ahead = redis.call('ZRANGE', key('grants'), '(' .. latest_send, '+inf', 'BYSCORE')
  for _, fence in ipairs(ahead) do redis.call('ZADD', key('grants'), latest_send, fence) end
  local fields = { rebase_until_ms = math.floor(last_us / 1000) + rebase_horizon_ms, rebase_kept = 0 }
  for _, field in ipairs({ 'next_at_us', 'pause_until_us', 'budget_until_us' }) do
    if is_set(pacer[field]) then fields[field] = now_us + math.max(0, pacer_number(field) - last_us) end
  end
  for _, field in ipairs({ 'probe_at_us', 'factor_at_us', 'fence_at_us' }) do
    if is_set(pacer[field]) then fields[field] = math.min(pacer_number(field), now_us) end
  end
  set_pacer(fields)
  fill_short_windows()
  event('clock_rebased', nil, int((last_us - now_us) / 1000) .. ' ms back')
end

-- Moves one portion of leases and retries that the old clock put into the future. Returns whether more is left.
local function rebase_portion_left()
  if not is_set(pacer.rebase_until_ms) then return false end
  local lease_end = now_ms + setting('lease_ms')
  local stale = redis.call('ZRANGE', key('leases'), '(' .. int(lease_end), '+inf', 'BYSCORE', 'LIMIT', 0, rebase_portion)
  for _, id in ipairs(stale) do redis.call('ZADD', key('leases'), int(lease_end), id) end
  local kept = pacer_number('rebase_kept')
  local due = redis.call('ZRANGE', key('scheduled'), '(' .. int(now_ms), pacer.rebase_until_ms, 'BYSCORE', 'LIMIT', int(kept), rebase_portion)
  for _, id in ipairs(due) do
    local run_at = tonumber(redis.call('HGET', meta_key(id), 'run_at') or '') or 0
    -- A wish for a wall-clock time stands; every other wait was counted from the old clock.
    if run_at > now_ms then kept = kept + 1 else redis.call('ZADD', key('scheduled'), int(now_ms), id) end
  end
  if #stale == rebase_portion or #due == rebase_portion then
    set_pacer({ rebase_kept = kept })
    return true
  end
  clear_pacer('rebase_until_ms', 'rebase_kept')
  return false
end

-- A restarted or promoted server may have forgotten its last claims: the jobs that would have been
-- claimed then begin with a look-up. Ten seconds of the pace bound their number.
local function note_server()
  local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  if pacer.run_id == run_id then return end
  if is_set(pacer.run_id) then
    local first = limits[1]
    local replayed = math.ceil(replayed_s * 1000000 * first.requests / first.window_us)
    set_pacer({ recheck_left = math.min(1000, math.max(10, replayed)), recheck_before_ms = now_ms })
    event('server_changed', nil, run_id)
  end
  fill_short_windows()
  set_pacer({ run_id = run_id })
end

local function follow_clock()
  local last_us = pacer_number('clock_us')
  if now_us < last_us - step_tolerated_us then rebase(last_us)
  elseif now_us < last_us then now_us = last_us; now_ms = math.floor(now_us / 1000) end
  note_server()
  -- Once a second is enough to see a step, and spares the append-only file.
  if math.abs(now_us - last_us) >= step_tolerated_us then set_pacer({ clock_us = now_us }) end
end
