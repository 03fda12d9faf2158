-- What an answer says about the rate: quota headers and refusals steer the whole fleet.
-- needs: base, pacer, breaker
local factor_max = 16
local pause_max_us = 120 * 1000000
local default_window_us = 60 * 1000000
local voids_to_widen = 3

-- A remaining quota smaller than our own grants explain means that others use the account: it is believed.
local function observe_quota(fence, remaining, limit, reset_us)
  local granted = redis.call('ZSCORE', key('grants'), fence)
  remaining, limit = tonumber(remaining), tonumber(limit)
  if not remaining or not granted then return end
  local window_us = default_window_us
  for _, ours in ipairs(limits) do
    if ours.requests == limit then window_us = ours.window_us break end
  end
  local used = redis.call('ZCOUNT', key('grants'), '(' .. int(tonumber(granted) - window_us), granted)
  if remaining > 0 and not limit then return end
  if limit and remaining >= limit - used then return end
  local later = redis.call('ZCOUNT', key('grants'), '(' .. granted, '+inf')
  local budget = remaining - later
  if pacer_number('budget_until_us') > now_us then budget = math.min(budget, pacer_number('budget')) end
  set_pacer({ budget = budget, budget_from_us = tonumber(granted), budget_until_us = now_us + math.min(tonumber(reset_us) or pause_max_us, pause_max_us) })
end

-- `limited_by`: the worker that alone met the 429s which slow the fleet now.
local function note_limited(worker, wait_us)
  local is_others = pace_factor() > 1 and pacer.limited_by ~= worker
  set_pacer({ limited_by = is_others and many or worker })
  if pacer_number('pause_until_us') <= now_us then
    set_pacer({ factor = math.min(factor_max, pace_factor() * 2), factor_at_us = now_us })
    event('limited', nil, int(wait_us / 1000) .. ' ms')
    count('limited')
    count_minute('limited')
  end
  local wait_end = now_us + math.min(wait_us, pause_max_us)
  set_pacer({ pause_until_us = math.max(pacer_number('pause_until_us'), wait_end), pause_reason = 'limited' })
end

-- The 429s were this worker's own trouble: what they alone have slowed goes on.
local function forget_limited(worker)
  if pacer.limited_by ~= worker then return end
  set_pacer({ limited_by = '', factor = 1, factor_at_us = now_us, pause_until_us = math.min(pacer_number('pause_until_us'), now_us) })
  wake()
end

-- A grant came back unused. Several in a row: Redis is too far away for the fence in force.
-- `why`: void (too late), unreplicated (no replica confirmed the claim), stopping.
local function return_grant(fence, why)
  local granted = redis.call('ZSCORE', key('grants'), fence)
  if not granted then return end
  redis.call('ZREM', key('grants'), fence)
  -- A probe that was not sent has shown nothing: the next need not wait for its time.
  if is_open() then set_pacer({ probe_at_us = math.min(pacer_number('probe_at_us'), now_us) }) end
  if pacer.last_grant == fence then
    set_pacer({ next_at_us = math.min(pacer_number('next_at_us'), pacer_number('previous_next_at_us')) })
  end
  -- A grant older than the answer that set the budget was not taken from it.
  if is_set(pacer.budget) and tonumber(granted) > pacer_number('budget_from_us') then
    set_pacer({ budget = pacer_number('budget') + 1 })
  end
  if why == 'stopping' then return end
  count('voided')
  set_pacer({ unused_at_ms = now_ms, unused_reason = why })
  -- A replica that is away says nothing about the distance to Redis.
  if why ~= 'void' then return end
  local voids = pacer_number('voids') + 1
  if voids >= voids_to_widen then
    set_pacer({ fence_us = math.min(fence_max_us, fence_us() * 2), fence_at_us = now_us })
    event('fence_widened', nil, int(fence_us()) .. ' us')
    voids = 0
  end
  set_pacer({ voids = voids })
end

-- The request of this claim was written in time.
local function note_sent()
  if pacer_number('voids') > 0 then set_pacer({ voids = 0 }) end
  count_minute('sent')
end
