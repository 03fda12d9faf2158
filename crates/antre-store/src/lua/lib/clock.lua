-- Follows Redis' clock and notices a step back and another server.
-- needs: base, pacer, windows, rebase, handover
local function follow_clock()
  local last_us = pacer_number('clock_us')
  if now_us < last_us - step_tolerated_us then rebase(last_us)
  elseif now_us < last_us then now_us = last_us; now_ms = math.floor(now_us / 1000) end
  note_server(last_us)
  -- Once a second is enough to see a step, and spares the append-only file.
  if math.abs(now_us - last_us) >= step_tolerated_us then set_pacer({ clock_us = now_us }) end
end
