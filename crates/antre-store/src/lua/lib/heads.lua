-- The first jobs of each priority, read once for as many requests as a call may grant.
-- needs: base
local heads = {}

-- Up to `wanted` jobs are to be taken by this call.
function heads.begin(ctx, wanted) ctx.heads_wanted, ctx.heads = wanted, {} end

local function read(ctx, priority)
  local wanted = ctx.heads_wanted or 1
  local listed = redis.call('ZRANGE', ctx.key(priority), '0', base.int(wanted), 'WITHSCORES')
  return { listed = listed, next = 1, is_more = #listed > 2 * wanted }
end

-- Returns the first job's id and score, if there is any.
function heads.first(ctx, priority)
  ctx.heads = ctx.heads or {}
  local found = ctx.heads[priority]
  if not found or (found.next > #found.listed and found.is_more) then
    found = read(ctx, priority)
    ctx.heads[priority] = found
  end
  return found.listed[found.next], found.listed[found.next + 1]
end

-- The first job of a priority has left its place; without one, all are read anew.
function heads.take(ctx, priority)
  if not priority then ctx.heads = {} else ctx.heads[priority].next = ctx.heads[priority].next + 2 end
end

return heads
