-- How much one-way delays to Xendit may differ: what is configured, and what 429s have taught.
-- Mirrors antre_model::pacer; the model test compares both.
-- needs: base, settings, pacer
local jitter = {}

local learned_min_us, learned_max_us = 5000, 100000
local half_life_us = 3600 * 1000000

-- Half of it is forgotten each hour.
function jitter.learned_us(ctx)
  if not ctx.pacer.jitter_us then return 0 end
  local halvings = math.floor((ctx.now_us - pacer.number(ctx, 'jitter_at_us')) / half_life_us)
  return math.floor(pacer.number(ctx, 'jitter_us') / 2 ^ math.max(0, math.min(halvings, 20)))
end

function jitter.allowance_us(ctx) return settings.number(ctx, 'jitter_us') + jitter.learned_us(ctx) end

-- Whether requests that were delivered closer together than granted can be why: with that much more delay, this one and
-- so many before it fit into a window.
local function explains(ctx, granted)
  local most_us = settings.number(ctx, 'jitter_us') + learned_max_us
  for _, limit in ipairs(settings.limits(ctx)) do
    local near = redis.call('ZCOUNT', ctx.key('grants'), '(' .. base.int(granted - limit.window_us - most_us), base.int(granted))
    if near > limit.requests then return true end
  end
  return false
end

-- A request of this claim met a 429 although the log of grants has room for it.
function jitter.learn(ctx, claim_token)
  local granted = tonumber(redis.call('ZSCORE', ctx.key('grants'), claim_token) or '')
  if not granted or not explains(ctx, granted) then return end
  local learned_us = math.min(learned_max_us, math.max(learned_min_us, jitter.learned_us(ctx) * 2))
  pacer.set(ctx, { jitter_us = learned_us, jitter_at_us = ctx.now_us })
  base.event(ctx, 'jitter_learned', nil, base.int(learned_us) .. ' us')
end

return jitter
