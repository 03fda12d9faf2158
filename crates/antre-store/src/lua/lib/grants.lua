-- Grants: taken, given back, and the log of them, which explains what Xendit says is left.
-- needs: base, settings, pacer, pace, breaker
local grants = {}

local log_entries_min = 1000
-- One that came too late counts as much as 16 in time: where more than one in 17 do, the deadline is widened.
local late_weight, late_to_widen = 16, 48
local default_window_us = 60 * 1000000
local short_window_us = 10 * 1000000

local function trim_log(ctx)
  local entries_max = log_entries_min
  for _, limit in ipairs(settings.limits(ctx)) do entries_max = math.max(entries_max, limit.requests) end
  local surplus = redis.call('ZCARD', ctx.key('grants')) - entries_max
  if surplus > 0 then redis.call('ZREMRANGEBYRANK', ctx.key('grants'), 0, math.min(surplus, 1000) - 1) end
end

function grants.take(ctx, claim_token)
  redis.call('ZADD', ctx.key('grants'), base.int(ctx.now_us + pace.send_within_us(ctx)), claim_token)
  base.at_end(ctx, 'grants', trim_log)
  local fields = { previous_next_at_us = pacer.number(ctx, 'next_at_us'), next_at_us = pace.next_us(ctx), last_grant = claim_token }
  if base.is_set(ctx.pacer.budget) then fields.budget = tonumber(ctx.pacer.budget) - 1 end
  pacer.set(ctx, fields)
end

-- A grant came back unused. Where many do, Redis is too far away for the send deadline in force.
-- `why`: too_late, unreplicated (no replica confirmed the claim), stopping.
function grants.give_back(ctx, claim_token, why)
  local granted = redis.call('ZSCORE', ctx.key('grants'), claim_token)
  if not granted then return end
  redis.call('ZREM', ctx.key('grants'), claim_token)
  breaker.hasten_probe(ctx)
  if ctx.pacer.last_grant == claim_token then
    pacer.set(ctx, { next_at_us = math.min(pacer.number(ctx, 'next_at_us'), pacer.number(ctx, 'previous_next_at_us')) })
  end
  -- A grant older than the answer that set the budget was not taken from it.
  if base.is_set(ctx.pacer.budget) and tonumber(granted) > pacer.number(ctx, 'budget_from_us') then
    pacer.set(ctx, { budget = pacer.number(ctx, 'budget') + 1 })
  end
  if why == 'stopping' then return end
  base.count(ctx, 'unused')
  pacer.set(ctx, { unused_at_ms = ctx.now_ms, unused_reason = why })
  -- A replica that is away says nothing about the distance to Redis.
  if why ~= 'too_late' then return end
  local late = pacer.number(ctx, 'late') + late_weight
  if late >= late_to_widen then
    pacer.set(ctx, { widened_us = math.min(pace.send_within_max_us, pace.send_within_us(ctx) * 2), widened_at_us = ctx.now_us })
    base.event(ctx, 'deadline_widened', nil, base.int(pace.send_within_us(ctx)) .. ' us')
    late = ''
  end
  pacer.set(ctx, { late = late })
end

-- The request of this claim was written in time.
function grants.note_sent(ctx)
  local late = pacer.number(ctx, 'late')
  if late > 0 then pacer.set(ctx, { late = late > 1 and late - 1 or '' }) end
  base.count_minute(ctx, 'sent')
end

-- A remaining quota smaller than our own grants explain means that others use the account: it is believed.
-- `quota`: remaining, limit and reset_us as texts, or '' each.
function grants.observe_quota(ctx, claim_token, quota)
  local remaining, limit = tonumber(quota.remaining), tonumber(quota.limit)
  local granted = remaining and redis.call('ZSCORE', ctx.key('grants'), claim_token)
  if not granted then return end
  local window_us = default_window_us
  for _, ours in ipairs(settings.limits(ctx)) do
    if ours.requests == limit then window_us = ours.window_us break end
  end
  local used = redis.call('ZCOUNT', ctx.key('grants'), '(' .. base.int(tonumber(granted) - window_us), granted)
  if remaining > 0 and not limit then return end
  if limit and remaining >= limit - used then return end
  local later = redis.call('ZCOUNT', ctx.key('grants'), '(' .. granted, '+inf')
  local budget = remaining - later
  if pacer.number(ctx, 'budget_until_us') > ctx.now_us then budget = math.min(budget, pacer.number(ctx, 'budget')) end
  pacer.set(ctx, { budget = budget, budget_from_us = tonumber(granted), budget_until_us = ctx.now_us + math.min(tonumber(quota.reset_us) or pace.pause_max_us, pace.pause_max_us) })
end

-- Counts every window up to 10 s as full, so that forgotten or misplaced grants cannot make a burst.
function grants.fill_short_windows(ctx)
  local longest_us = 0
  for _, limit in ipairs(settings.limits(ctx)) do
    if limit.window_us <= short_window_us then longest_us = math.max(longest_us, limit.window_us) end
  end
  -- Giving the last grant back must not undo this.
  pacer.set(ctx, { next_at_us = math.max(pacer.number(ctx, 'next_at_us'), ctx.now_us + longest_us + pace.guard_us(ctx)), last_grant = '' })
end

return grants
