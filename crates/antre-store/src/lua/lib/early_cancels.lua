-- Cancels that were taken out of the inbox while jobs that were submitted before them were still in it: two workers read at
-- once. `cancels` has the last such cancel for each target, and is deleted once nothing older than the last of them is left.
-- needs: base, stream_ids, commands
local early_cancels = {}

local function has_older(ctx, id)
  local first = redis.call('XRANGE', ctx.key('inbox'), '-', '+', 'COUNT', '1')[1]
  return first and stream_ids.is_before(first[1], id)
end

-- `id`: the cancel's, which is no longer in the inbox. One that was submitted later may be here before it.
function early_cancels.note(ctx, id, target, name)
  if not has_older(ctx, id) then return end
  for _, field in ipairs({ target .. ':' .. name, 'last' }) do
    local known = redis.call('HGET', ctx.key('cancels'), field)
    if not known or stream_ids.is_before(known, id) then redis.call('HSET', ctx.key('cancels'), field, id) end
  end
end

local function are_there(ctx)
  if ctx.has_cancels == nil then ctx.has_cancels = redis.call('EXISTS', ctx.key('cancels')) == 1 end
  return ctx.has_cancels
end

-- Returns the cancel that holds for this entry, if there is one.
function early_cancels.of(ctx, entry)
  if not are_there(ctx) then return nil end
  local found = redis.call('HMGET', ctx.key('cancels'), 'job:' .. entry.id, 'external_id:' .. (entry.external_id or ''),
    'batch:' .. (entry.batch or ''))
  for i = 1, 3 do
    if found[i] and stream_ids.is_before(entry.id, found[i]) then return found[i] end
  end
end

-- The cancel did not find this entry's job, which is cancelled now; or it has not looked yet and will find it among those
-- that it counts. The bill knows nothing of such a job.
function early_cancels.found(ctx, id)
  local command = commands.read(ctx, id)
  if base.is_set(command.cursor) and command.target ~= 'external_id' then return end
  if base.is_set(command.not_found) then commands.count(ctx, id, 'not_found', -1) end
  commands.count(ctx, id, 'cancelled')
end

function early_cancels.forget(ctx)
  if not are_there(ctx) then return end
  local last = redis.call('HGET', ctx.key('cancels'), 'last')
  if not last or not has_older(ctx, last) then redis.call('DEL', ctx.key('cancels')) end
end

return early_cancels
