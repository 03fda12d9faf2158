-- A person's pause, and the pause after many rejections.
-- A person's pause holds until it is lifted or its time is over.
-- needs: base, pacer
local function is_held()
  if not is_set(pacer.held_at_ms) then return false end
  if not is_set(pacer.held_until_ms) or tonumber(pacer.held_until_ms) > now_ms then return true end
  clear_pacer('held_by', 'held_at_ms', 'held_until_ms', 'held_reason')
  event('resumed', nil, 'its time is over')
  return false
end

local function held_us()
  return is_set(pacer.held_until_ms) and (tonumber(pacer.held_until_ms) - now_ms) * 1000 or 60 * 1000000
end
