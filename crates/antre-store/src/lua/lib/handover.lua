-- What another server than before may have forgotten.
local replayed_us = 10 * 1000000
local resubmitted_ms = 10 * 60 * 1000
local recheck_all = 1000000000

-- How many requests may have been sent that this server does not remember: the pace since the last instant that it
-- does remember, twice, because it may have another order. Where its clock is behind that instant, nobody can tell.
local function forgotten_requests(last_us)
  local gap_us = now_us - last_us
  if gap_us < 0 then return recheck_all end
  local first = limits[1]
  return math.ceil(2 * (gap_us + replayed_us) * first.requests / first.window_us) + 10
end

-- Jobs known before now begin with a look-up, at most `left` of them; so do jobs accepted until `new_until_ms`,
-- which may be submitted again because what was known of them is lost.
local function recheck_from_now(left, new_until_ms)
  set_pacer({ recheck_left = math.max(left, pacer_number('recheck_left')), recheck_before_ms = now_ms,
    recheck_new_until_ms = math.max(new_until_ms, pacer_number('recheck_new_until_ms')) })
end

-- A restarted, promoted or restored server may have forgotten claims, and bills altogether.
local function note_server(last_us)
  local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  if pacer.run_id == run_id then return end
  if is_set(pacer.run_id) then
    local gap_ms = math.max(0, math.floor((now_us - last_us) / 1000))
    recheck_from_now(forgotten_requests(last_us), now_ms + gap_ms + resubmitted_ms)
    event('server_changed', nil, run_id)
    count('server_changed')
  end
  fill_short_windows()
  set_pacer({ run_id = run_id })
end
