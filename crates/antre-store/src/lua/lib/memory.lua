-- What was made of texts lately, so that it is not made again: a function keeps it for the next calls, a script for this one.
-- needs: nothing
local memory = {}

local kept_max = 100

-- Returns `make`, which remembers what it made of a text. Nobody changes what it returns.
function memory.of(make)
  local made, count = {}, 0
  return function(text)
    if not made[text] then
      if count == kept_max then made, count = {}, 0 end
      made[text], count = make(text), count + 1
    end
    return made[text]
  end
end

return memory
