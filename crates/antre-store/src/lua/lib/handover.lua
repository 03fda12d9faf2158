-- What another server than before may have forgotten.
-- needs: base, pacer, identity, windows
local replayed_us = 10 * 1000000
local resubmitted_ms = 10 * 60 * 1000

-- How many requests may have been sent that this server does not remember: the pace since the last instant that it
-- does remember, twice, because it may have another order.
local function forgotten_requests(gap_us)
  local first = limits[1]
  return math.ceil(2 * (gap_us + replayed_us) * first.requests / first.window_us) + 10
end

-- Jobs accepted until `new_until_ms` begin with a look-up: they may be submitted again because what was known of
-- them is lost. So do jobs known before now: `left` of them, or all.
local function recheck_from_now(left, new_until_ms)
  local fields = { recheck_before_ms = now_ms,
    recheck_new_until_ms = math.max(new_until_ms, pacer_number('recheck_new_until_ms')) }
  if left then fields.recheck_left = math.max(left, pacer_number('recheck_left'))
  else fields.recheck_all_before_ms = now_ms end
  set_pacer(fields)
end

-- A restarted, promoted or restored server may have forgotten claims, and bills altogether.
local function note_server(last_us)
  local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  if pacer.run_id == run_id then return end
  if is_set(pacer.run_id) then
    local gap_us = now_us - last_us
    -- Where its clock is behind the last instant that it remembers, nobody can tell how long the gap was.
    local left = gap_us >= 0 and forgotten_requests(gap_us) or nil
    recheck_from_now(left, now_ms + math.max(0, math.floor(gap_us / 1000)) + resubmitted_ms)
    -- It may have forgotten the first create, too: a key that contradicts must not replace those that are known.
    set_identity({ may_have_sent = '1' })
    event('server_changed', nil, run_id)
    count('server_changed')
    notice('server_changed', run_id)
  end
  fill_short_windows()
  set_pacer({ run_id = run_id })
end
