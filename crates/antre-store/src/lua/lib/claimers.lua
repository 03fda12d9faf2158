-- Which worker asks when. Those that wait for the pace have a turn each, one interval apart, in `turns` (score = its
-- instant, us). Those that found nothing to do are in `sleepers` (score = since when, ms): one is woken by name, and
-- wakes the next while there is more to do. What a worker that died in its turn left, the next one takes.
-- needs: base, pace
local claimers = {}

local known_max = 500
local ahead_max_us = 4 * 1000000
local looked_at_max = 100
-- A sleeper asks again within 5 s; one that did not is gone.
local asleep_max_ms = 6000

local function note(ctx, name, worker, score)
  redis.call('ZADD', ctx.key(name), base.int(score), worker)
  redis.call('ZREMRANGEBYRANK', ctx.key(name), 0, -1 - known_max)
end

-- A little more than the interval: each grant comes a little late, and so may the one that follows a window later. A
-- turn that comes too early costs another call.
local function spacing_us(ctx)
  local interval_us = pace.interval_us(ctx)
  return interval_us + math.floor(interval_us / 300)
end

-- Returns the turns from `at` on, as far as they matter: a list of worker, instant (us), worker, ...
local function from(ctx, at)
  return redis.call('ZRANGE', ctx.key('turns'), base.int(at), '+inf', 'BYSCORE', 'LIMIT', 0, looked_at_max, 'WITHSCORES')
end

-- Those behind move as far as they must. They come at the instant that they were told, and hear of the new one.
local function put_first(ctx, worker, at)
  local moved, last, turns = { base.int(at), worker }, at, from(ctx, at)
  for i = 1, #turns, 2 do
    if tonumber(turns[i + 1]) - last >= spacing_us(ctx) then break end
    last = last + spacing_us(ctx)
    moved[i + 2], moved[i + 3] = base.int(last), turns[i]
  end
  redis.call('ZADD', ctx.key('turns'), unpack(moved))
end

-- Returns the first instant from `at` on at which nobody has a turn.
local function first_free(ctx, at)
  local turns = from(ctx, at)
  for i = 2, #turns, 2 do
    local taken = tonumber(turns[i])
    if taken - at >= spacing_us(ctx) then break end
    at = taken + spacing_us(ctx)
  end
  return at
end

-- Returns when `worker` is to ask again (us), if no request may leave before `at`. Where enough others have turns, it has
-- none, and only looks whether one of them died.
function claimers.next_turn_us(ctx, worker, at)
  local own = tonumber(redis.call('ZSCORE', ctx.key('turns'), worker) or '')
  if own and own >= at and own <= at + ahead_max_us then return own end
  -- Its turn has come too early: it stays the first.
  if own and own <= ctx.now_us and ctx.now_us - own < pace.interval_us(ctx) then
    put_first(ctx, worker, at)
    return at
  end
  local free = first_free(ctx, at)
  if free > at + ahead_max_us then
    claimers.leave_turn(ctx, worker)
    return at + ahead_max_us
  end
  note(ctx, 'turns', worker, free)
  return free
end

-- Its turn is used.
function claimers.leave_turn(ctx, worker) redis.call('ZREM', ctx.key('turns'), worker) end

function claimers.sleep(ctx, worker) note(ctx, 'sleepers', worker, ctx.now_ms) end

-- `own`: a worker that hears of it without being woken, or nothing.
function claimers.wake_one(ctx, own)
  base.at_end(ctx, 'wake one', function()
    if own and redis.call('ZREM', ctx.key('sleepers'), own) == 1 then return end
    local latest = redis.call('ZREVRANGE', ctx.key('sleepers'), 0, 0, 'WITHSCORES')
    if not latest[1] or math.abs(ctx.now_ms - tonumber(latest[2])) > asleep_max_ms then return end
    redis.call('ZREM', ctx.key('sleepers'), latest[1])
    redis.call('PUBLISH', ctx.key('wake'), latest[1])
  end)
end

function claimers.forget(ctx, worker)
  redis.call('ZREM', ctx.key('turns'), worker)
  redis.call('ZREM', ctx.key('sleepers'), worker)
end

-- The clock stepped back: turns that it gave lie too far ahead.
function claimers.begin_anew(ctx) redis.call('DEL', ctx.key('turns'), ctx.key('sleepers')) end

return claimers
