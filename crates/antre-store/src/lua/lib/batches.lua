-- The jobs of a batch, in the order in which they were taken in: `batch_jobs:<batch>`.
-- needs: base
local batches = {}

local retention_s = 90 * 24 * 3600

local function write(ctx)
  for batch, ids in pairs(ctx.batches) do
    local name = ctx.key_of('batch_jobs:', batch)
    -- Where another program put something else, the batch is counted all the same.
    redis.pcall('RPUSH', name, unpack(ids))
    redis.call('EXPIRE', name, retention_s)
  end
end

function batches.add(ctx, batch, id)
  if not base.is_set(batch) then return end
  ctx.batches = ctx.batches or {}
  ctx.batches[batch] = ctx.batches[batch] or {}
  table.insert(ctx.batches[batch], id)
  base.at_end(ctx, 'batches', write)
end

-- Returns at most `count` ids, from the place `first` on, which begins with 0.
function batches.jobs(ctx, batch, first, count)
  local ids = redis.pcall('LRANGE', ctx.key_of('batch_jobs:', batch), first, first + count - 1)
  return ids.err and {} or ids
end

return batches
