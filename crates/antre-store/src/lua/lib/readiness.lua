-- When a job became ready: its score in the set of its priority, and so its place among those of its kind.
-- needs: base
local readiness = {}

local function write_ready(ctx) redis.call('HSET', ctx.key('totals'), 'ready_us', base.int(ctx.ready_us)) end

-- Returns the next score (us) of the waiting sets: strictly increasing, so order of acceptance is kept.
function readiness.next_us(ctx)
  local last = ctx.ready_us or tonumber(redis.call('HGET', ctx.key('totals'), 'ready_us') or '') or 0
  ctx.ready_us = math.max(ctx.now_us, last + 1)
  base.at_end(ctx, 'ready', write_ready)
  return ctx.ready_us
end

-- Those that were given by a clock ahead of this one do not count.
function readiness.restart(ctx)
  ctx.ready_us = ctx.now_us
  base.at_end(ctx, 'ready', write_ready)
end

-- Jobs wished for one instant are tied; a counter of that instant keeps them in order of acceptance.
local run_at_memory_ms = 24 * 3600 * 1000
function readiness.scheduled_us(ctx, run_at_ms)
  local counter = ctx.key_of('run_at:', base.int(run_at_ms))
  local offset = redis.call('INCR', counter) - 1
  redis.call('PEXPIRE', counter, base.int(run_at_ms - ctx.now_ms + run_at_memory_ms))
  return run_at_ms * 1000 + offset
end

return readiness
