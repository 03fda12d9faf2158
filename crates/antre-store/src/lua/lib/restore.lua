-- Back to what a claim found: the request of this claim had no effect.
-- needs: base
local function restored(meta)
  local fields = { effective_until = meta.previous_effective_until or '' }
  if meta.step == 'create' then fields.creates = math.max(0, (tonumber(meta.creates) or 0) - 1) end
  return fields
end

-- The same for a request that reached Xendit and was refused. A refusal may be wrong about that: the bill's next
-- job begins with a look-up, and once it is done it is audited.
local function refused_request(meta)
  local fields = restored(meta)
  if meta.step == 'create' then fields.touched, meta.touched = '1', '1' end
  return fields
end

local function drop_fence(id) redis.call('HDEL', meta_key(id), 'fence', 'locked_by', 'locked_at') end
