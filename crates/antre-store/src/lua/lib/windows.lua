-- A clock or a server that cannot be trusted must not make a burst.
-- needs: base, pacer
local step_tolerated_us = 1000000
local short_window_us = 10 * 1000000

-- Counts every window up to 10 s as full, so that forgotten or misplaced grants cannot make a burst.
local function fill_short_windows()
  local longest_us = 0
  for _, limit in ipairs(limits) do
    if limit.window_us <= short_window_us then longest_us = math.max(longest_us, limit.window_us) end
  end
  -- Giving the last grant back must not undo this.
  set_pacer({ next_at_us = math.max(pacer_number('next_at_us'), now_us + longest_us + guard_us()), last_grant = '' })
end

