-- The sorted sets in which each job has its place. A call that moves many jobs in and out of a set, and does not read it,
-- gathers these moves and makes them at its end by one command, where the last move of a job counts.
-- needs: base
local moves = {}

local function write(ctx)
  for name, gathered in pairs(ctx.moves) do
    local put, gone = { 'ZADD', ctx.key(name) }, { 'ZREM', ctx.key(name) }
    for id, score in pairs(gathered) do
      if score then
        local last = #put
        put[last + 1], put[last + 2] = score, id
      else
        gone[#gone + 1] = id
      end
    end
    if put[3] then redis.call(unpack(put)) end
    if gone[3] then redis.call(unpack(gone)) end
  end
end

-- From now on this call gathers moves in and out of this set, which is known to be one.
function moves.gather(ctx, name)
  ctx.moves = ctx.moves or {}
  ctx.moves[name] = {}
  base.at_end(ctx, 'moves', write)
end

-- `score`: a text.
function moves.put(ctx, name, id, score)
  local gathered = ctx.moves and ctx.moves[name]
  if gathered then gathered[id] = score else redis.call('ZADD', ctx.key(name), score, id) end
end

function moves.leave(ctx, name, id)
  local gathered = ctx.moves and ctx.moves[name]
  if gathered then gathered[id] = false else redis.call('ZREM', ctx.key(name), id) end
end

return moves
