-- What was made of texts lately, so that it is not made again: a function keeps it for the next calls, a script for this one.
-- needs: nothing
local memory = {}

local kept_max = 100

-- Returns `make`, which remembers what it made of a text. Nobody changes what it returns.
function memory.of(make)
  local made, count = {}, 0
  return function(text)
    local known = made[text]
    if known then return known end
    if count == kept_max then made, count = {}, 0 end
    known, count = make(text), count + 1
    made[text] = known
    return known
  end
end

return memory
