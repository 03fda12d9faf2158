-- Which worker asks when. Those that wait for the pace have a turn each, one interval apart, in `turns` (score = its
-- instant, us). Those that found nothing to do are in `sleepers` (score = since when, ms): one is woken by name, and
-- wakes the next while there is more to do. A worker that died in its turn costs one interval.
-- needs: base, pace
local claimers = {}

local known_max = 500
local ahead_max_us = 4 * 1000000
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

-- Moves the turn at `from` and all behind it.
local function delay(ctx, from, by_us)
  local turns = redis.call('ZRANGE', ctx.key('turns'), base.int(from), '+inf', 'BYSCORE', 'WITHSCORES')
  local moved = {}
  for i = 1, #turns, 2 do
    moved[i], moved[i + 1] = base.int(tonumber(turns[i + 1]) + by_us), turns[i]
  end
  redis.call('ZADD', ctx.key('turns'), unpack(moved))
end

-- Returns when `worker` is to ask again (us), if no request may leave before `at`.
function claimers.next_turn_us(ctx, worker, at)
  local own = tonumber(redis.call('ZSCORE', ctx.key('turns'), worker) or '')
  if own and own >= at and own <= at + ahead_max_us then return own end
  -- Its turn has come too early, and so will those behind it: all move, and it stays the first.
  if own and own <= ctx.now_us and ctx.now_us - own < pace.interval_us(ctx) then
    delay(ctx, own, at - own)
    return at
  end
  local last = tonumber(redis.call('ZREVRANGE', ctx.key('turns'), 0, 0, 'WITHSCORES')[2]) or 0
  local behind = math.min(math.max(at, last + spacing_us(ctx)), at + ahead_max_us)
  note(ctx, 'turns', worker, behind)
  return behind
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
