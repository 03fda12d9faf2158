-- Reads: requests that programs make through the gateway, besides jobs. Each waits in `reads` (score = when it came, ms) until
-- its deadline, and is granted once. A share of the requests is theirs while jobs wait: one in so many (`read_share`).
-- needs: base, settings, pacer, records
local reads = {}

-- At most so many wait in an account.
reads.waiting_max = 16
-- For whoever asks, after the deadline.
local kept_s = 60

function reads.key(ctx, id) return ctx.key_of('read:', id) end

local function forget(ctx, id)
  redis.call('ZREM', ctx.key('reads'), id)
  redis.call('DEL', reads.key(ctx, id))
end

-- Until its deadline; one that another clock put ahead has no record any more.
local function is_waited_for(ctx, id)
  local deadline_ms = tonumber(redis.call('HGET', reads.key(ctx, id), 'deadline_ms') or '')
  return deadline_ms and deadline_ms > ctx.now_ms
end

function reads.drop_overdue(ctx)
  for _, id in ipairs(redis.call('ZRANGE', ctx.key('reads'), 0, reads.waiting_max - 1)) do
    if not is_waited_for(ctx, id) then forget(ctx, id) end
  end
end

function reads.add(ctx, id, kind, target, wait_ms)
  local name = reads.key(ctx, id)
  redis.call('HSET', name, 'kind', kind, 'target', target, 'deadline_ms', base.int(ctx.now_ms + wait_ms), 'came_ms', base.int(ctx.now_ms))
  redis.call('EXPIRE', name, math.ceil(wait_ms / 1000) + kept_s)
  redis.call('ZADD', ctx.key('reads'), base.int(ctx.now_ms), id)
end

-- Those before it are forgotten. Some that came back unsent may wait beside the most that are taken.
local function find_first(ctx)
  for _ = 0, reads.waiting_max do
    local id = redis.call('ZRANGE', ctx.key('reads'), 0, 0)[1]
    if not id or is_waited_for(ctx, id) then return id end
    forget(ctx, id)
  end
end

-- Returns the first one that is still waited for.
local function first(ctx)
  if ctx.first_read == nil then ctx.first_read = find_first(ctx) or false end
  return ctx.first_read or nil
end

-- Returns the read that may leave now: `other` is what else is ready, if anything is.
function reads.due(ctx, other)
  local id = first(ctx)
  if not id then return nil end
  -- Grants for jobs since the last read are counted up to those that a read must leave to them.
  if other and base.is_set(ctx.pacer.since_read) then return nil end
  return { kind = 'read', id = id }
end

-- A request of this kind was granted. One for jobs counts as theirs; a probe is nobody's.
function reads.note_granted(ctx, kind)
  if kind == 'read' or kind == 'probe' or not base.is_set(ctx.pacer.since_read) then return end
  local since = pacer.number(ctx, 'since_read') + 1
  pacer.set(ctx, { since_read = since < settings.number(ctx, 'read_share') - 1 and since or '' })
end

-- Returns its record, as a list; it is sent by whoever has this claim token, or by nobody.
function reads.take(ctx, id, claim_token)
  redis.call('ZREM', ctx.key('reads'), id)
  redis.call('HSET', reads.key(ctx, id), 'claim_token', claim_token)
  ctx.first_read = nil
  if settings.number(ctx, 'read_share') > 1 then pacer.set(ctx, { since_read = 0 }) end
  return redis.call('HGETALL', reads.key(ctx, id))
end

-- It was not sent: it waits again, if there is time left.
function reads.put_back(ctx, id, claim_token)
  local record = records.fields(reads.key(ctx, id))
  if record.claim_token ~= claim_token then return false end
  redis.call('HDEL', reads.key(ctx, id), 'claim_token')
  redis.call('ZADD', ctx.key('reads'), record.came_ms, id)
  return true
end

-- Tells whoever waits for it. `answer`: JSON text.
function reads.answer(ctx, id, answer)
  local list = ctx.key_of('answer:', id)
  redis.call('DEL', list, reads.key(ctx, id))
  redis.call('RPUSH', list, answer)
  redis.call('EXPIRE', list, kept_s)
end

return reads
