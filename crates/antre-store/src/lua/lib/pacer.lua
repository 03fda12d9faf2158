-- The pacer: when the next request may leave. Mirrors antre_model::pacer; the model test compares both.
-- `grants` holds one member per grant; its score is the latest instant (us) at which the request may be sent.
-- needs: base
local config = read_hash(key('config'))
local pacer = read_hash(key('pacer'))

local function setting(name) return tonumber(config[name]) or 0 end
local function pacer_number(name) return tonumber(pacer[name]) or 0 end

local function set_pacer(fields)
  for field, value in pairs(fields) do
    pacer[field] = type(value) == 'number' and int(value) or value
  end
  write_hash(key('pacer'), fields)
end

local function clear_pacer(...)
  for _, field in ipairs({ ... }) do pacer[field] = nil end
  redis.call('HDEL', key('pacer'), ...)
end

local limits = {}
for requests, window_us in string.gmatch(config.limits or '', '(%d+):(%d+)') do
  limits[#limits + 1] = { requests = tonumber(requests), window_us = tonumber(window_us) }
end

local log_entries_min = 1000
local factor_recovery_us = 30 * 1000000
local fence_max_us = 250000

local function halvings_since(instant_us)
  return math.max(0, math.min(math.floor((now_us - instant_us) / factor_recovery_us), 20))
end

-- Grants that came too late to be used double the fence; it halves again every 30 s.
local function fence_us()
  local widened = math.floor(pacer_number('fence_us') / 2 ^ halvings_since(pacer_number('fence_at_us')))
  return math.max(widened, setting('send_fence_us'))
end

local function guard_us() return fence_us() + setting('jitter_us') end

-- The pace is halved after a 429 and doubles back each 30 s without one.
local function pace_factor()
  local factor = math.max(pacer_number('factor'), 1)
  return math.max(1, factor / 2 ^ halvings_since(pacer_number('factor_at_us')))
end

local function interval_us()
  local first = limits[1]
  if not first then return 0 end
  return math.floor((first.window_us + guard_us()) / first.requests * pace_factor())
end

-- Returns the earliest instant (us) of the next grant and what it waits for.
local function earliest_us()
  local at, reason = pacer_number('next_at_us'), 'pace'
  local function not_before(instant, why)
    if instant > at then at, reason = instant, why end
  end
  for _, limit in ipairs(limits) do
    local last = redis.call('ZREVRANGE', key('grants'), limit.requests - 1, limit.requests - 1, 'WITHSCORES')
    if last[2] then not_before(tonumber(last[2]) + limit.window_us + setting('jitter_us'), 'limit') end
  end
  if is_set(pacer.budget) and tonumber(pacer.budget) <= 0 then
    not_before(pacer_number('budget_until_us'), 'quota')
  end
  not_before(pacer_number('pause_until_us'), pacer.pause_reason or 'pause')
  return at, reason
end

local function take_grant(fence)
  redis.call('ZADD', key('grants'), int(now_us + fence_us()), fence)
  local entries_max = log_entries_min
  for _, limit in ipairs(limits) do entries_max = math.max(entries_max, limit.requests) end
  local surplus = redis.call('ZCARD', key('grants')) - entries_max
  if surplus > 0 then redis.call('ZREMRANGEBYRANK', key('grants'), 0, math.min(surplus, 1000) - 1) end
  local fields = { previous_next_at_us = pacer_number('next_at_us'), next_at_us = now_us + interval_us(), last_grant = fence }
  if is_set(pacer.budget) then fields.budget = tonumber(pacer.budget) - 1 end
  set_pacer(fields)
end
