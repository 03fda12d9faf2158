-- When the next request may leave. Mirrors antre_model::pacer; the model test compares both.
-- `grants` holds one member per grant; its score is the latest instant (us) at which the request may be sent.
-- needs: base, settings, pacer, jitter
local pace = {}

local factor_recovery_us = 30 * 1000000
local factor_max = 16
pace.pause_max_us = 120 * 1000000
pace.send_within_max_us = 250000

local function halvings_since(ctx, instant_us)
  return math.max(0, math.min(math.floor((ctx.now_us - instant_us) / factor_recovery_us), 20))
end

-- Grants that came too late to be used double the deadline; it halves again every 30 s.
function pace.send_within_us(ctx)
  if not ctx.pacer.widened_us then return settings.number(ctx, 'send_within_us') end
  local widened = math.floor(pacer.number(ctx, 'widened_us') / 2 ^ halvings_since(ctx, pacer.number(ctx, 'widened_at_us')))
  return math.max(widened, settings.number(ctx, 'send_within_us'))
end

-- How much later than granted a request may arrive.
function pace.guard_us(ctx) return pace.send_within_us(ctx) + jitter.allowance_us(ctx) end

-- The pace is halved after a 429 and doubles back each 30 s without one.
function pace.factor(ctx)
  if not ctx.pacer.factor then return 1 end
  local factor = math.max(pacer.number(ctx, 'factor'), 1)
  return math.max(1, factor / 2 ^ halvings_since(ctx, pacer.number(ctx, 'factor_at_us')))
end

function pace.interval_us(ctx)
  local first = settings.limits(ctx)[1]
  if not first then return 0 end
  return math.floor((first.window_us + pace.guard_us(ctx)) / first.requests * pace.factor(ctx))
end

-- How late a grant of now is (us), as far as it is caught up: 250 ms or two intervals, at most a window. So a turn that nobody
-- used costs nothing, and after a pause the pace is even. The log of grants keeps each window, however many come together.
local catch_up_us = 250000
local function late_us(ctx)
  local first, late = settings.limits(ctx)[1], ctx.now_us - pacer.number(ctx, 'next_at_us')
  return first and late <= math.min(first.window_us, math.max(catch_up_us, 2 * pace.interval_us(ctx))) and late or 0
end

-- Whether another grant was due before this one.
function pace.has_missed(ctx) return late_us(ctx) >= pace.interval_us(ctx) end

-- Returns the earliest instant (us) after a grant of now.
function pace.next_us(ctx) return ctx.now_us - late_us(ctx) + pace.interval_us(ctx) end

-- Returns when (us) the log of grants has room for another one in a window of `limit`, 0 if it has.
local function log_free_us(ctx, limit)
  local rank = base.int(limit.requests - 1)
  local last = redis.call('ZREVRANGE', ctx.key('grants'), rank, rank, 'WITHSCORES')
  return last[2] and tonumber(last[2]) + limit.window_us + jitter.allowance_us(ctx) or 0
end

-- Returns the earliest instant (us) of the next grant and what it waits for.
function pace.earliest_us(ctx)
  local at, reason = pacer.number(ctx, 'next_at_us'), 'pace'
  for _, limit in ipairs(settings.limits(ctx)) do
    local free = log_free_us(ctx, limit)
    if free > at then at, reason = free, 'limit' end
  end
  if base.is_set(ctx.pacer.budget) and tonumber(ctx.pacer.budget) <= 0 then
    local renewed = pacer.number(ctx, 'budget_until_us')
    if renewed > at then at, reason = renewed, 'quota' end
  end
  local resumed = pacer.number(ctx, 'pause_until_us')
  if resumed > at then at, reason = resumed, ctx.pacer.pause_reason or 'pause' end
  return at, reason
end

-- `limited_by`: the worker that alone met the 429s which slow the fleet now.
function pace.note_limited(ctx, worker, wait_us, claim_token)
  local is_others = pace.factor(ctx) > 1 and ctx.pacer.limited_by ~= worker
  pacer.set(ctx, { limited_by = is_others and pacer.many or worker })
  if pacer.number(ctx, 'pause_until_us') <= ctx.now_us then
    pacer.set(ctx, { factor = math.min(factor_max, pace.factor(ctx) * 2), factor_at_us = ctx.now_us })
    jitter.learn(ctx, claim_token)
    base.event(ctx, 'limited', nil, base.int(wait_us / 1000) .. ' ms')
    base.count(ctx, 'limited')
    base.count_minute(ctx, 'limited')
  end
  local wait_end = ctx.now_us + math.min(wait_us, pace.pause_max_us)
  pacer.set(ctx, { pause_until_us = math.max(pacer.number(ctx, 'pause_until_us'), wait_end), pause_reason = 'limited' })
end

-- The 429s were this worker's own trouble: what they alone have slowed goes on.
function pace.forget_limited(ctx, worker)
  if ctx.pacer.limited_by ~= worker then return end
  pacer.set(ctx, { limited_by = '', factor = '', factor_at_us = ctx.now_us, pause_until_us = math.min(pacer.number(ctx, 'pause_until_us'), ctx.now_us) })
  base.wake_all(ctx)
end

return pace
