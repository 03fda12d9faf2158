-- Follows Redis' clock. What a clock that stepped back leaves in the future is moved in bounded portions.
-- needs: base, notices, settings, pacer, pace, claimers, grants, readiness, jobs, recheck
local clock = {}

local step_tolerated_us = 1000000
local rebase_horizon_ms = 10 * 60 * 1000
local rebase_portion = 100

-- A step back of more than a second: grants in the future become now, automatic pauses keep their length.
local function rebase(ctx, last_us)
  -- A grant of this very moment may still be sent within its deadline, which may have halved once since.
  local latest_send = base.int(ctx.now_us + 2 * pace.send_within_us(ctx))
  local ahead = redis.call('ZRANGE', ctx.key('grants'), '(' .. latest_send, '+inf', 'BYSCORE')
  for _, claim_token in ipairs(ahead) do redis.call('ZADD', ctx.key('grants'), latest_send, claim_token) end
  local last_ms = math.floor(last_us / 1000)
  local fields = { rebase_until_ms = last_ms + rebase_horizon_ms, rebase_kept = 0,
    rebase_step_ms = last_ms - ctx.now_ms, rebase_follow_ups_ms = ctx.now_ms + 1 }
  for _, field in ipairs({ 'next_at_us', 'pause_until_us', 'budget_until_us' }) do
    if base.is_set(ctx.pacer[field]) then fields[field] = ctx.now_us + math.max(0, pacer.number(ctx, field) - last_us) end
  end
  for _, field in ipairs({ 'probe_at_us', 'factor_at_us', 'widened_at_us', 'jitter_at_us' }) do
    if base.is_set(ctx.pacer[field]) then fields[field] = math.min(pacer.number(ctx, field), ctx.now_us) end
  end
  pacer.set(ctx, fields)
  readiness.restart(ctx)
  claimers.begin_anew(ctx)
  grants.fill_short_windows(ctx)
  base.event(ctx, 'clock_rebased', nil, base.int((last_us - ctx.now_us) / 1000) .. ' ms back')
  base.count(ctx, 'clock_rebased')
  notices.tell(ctx, 'clock_stepped_back', base.int((last_us - ctx.now_us) / 1000))
end

function clock.follow(ctx)
  local last_us = pacer.number(ctx, 'clock_us')
  if ctx.now_us < last_us - step_tolerated_us then rebase(ctx, last_us)
  elseif ctx.now_us < last_us then ctx.now_us = last_us; ctx.now_ms = math.floor(ctx.now_us / 1000) end
  recheck.note_server(ctx, last_us)
  -- Once a second is enough to see a step, and spares the append-only file.
  if math.abs(ctx.now_us - last_us) >= step_tolerated_us then pacer.set(ctx, { clock_us = ctx.now_us }) end
end

local function rebase_leases(ctx)
  local lease_end = ctx.now_ms + settings.number(ctx, 'lease_ms')
  local stale = redis.call('ZRANGE', ctx.key('leases'), '(' .. base.int(lease_end), '+inf', 'BYSCORE', 'LIMIT', 0, rebase_portion)
  for _, id in ipairs(stale) do redis.call('ZADD', ctx.key('leases'), base.int(lease_end), id) end
  return #stale == rebase_portion
end

local function rebase_scheduled(ctx)
  local kept = pacer.number(ctx, 'rebase_kept')
  local due = redis.call('ZRANGE', ctx.key('scheduled'), '(' .. base.int(ctx.now_ms), ctx.pacer.rebase_until_ms, 'BYSCORE', 'LIMIT', base.int(kept), rebase_portion)
  for _, id in ipairs(due) do
    local run_at = tonumber(jobs.read(ctx, id).run_at) or 0
    -- A wish for a wall-clock time stands; every other wait was counted from the old clock.
    if run_at > ctx.now_ms then kept = kept + 1 else redis.call('ZADD', ctx.key('scheduled'), base.int(ctx.now_ms), id) end
  end
  pacer.set(ctx, { rebase_kept = kept })
  return #due == rebase_portion
end

-- Each keeps what was left of its wait. The next portion begins where this one ended; what was moved lies before it.
local function rebase_follow_ups(ctx)
  local step_ms = pacer.number(ctx, 'rebase_step_ms')
  local stale = redis.call('ZRANGE', ctx.key('follow_ups'), base.int(pacer.number(ctx, 'rebase_follow_ups_ms')), '+inf', 'BYSCORE', 'LIMIT', 0, rebase_portion, 'WITHSCORES')
  for i = 1, #stale, 2 do
    redis.call('ZADD', ctx.key('follow_ups'), base.int(math.max(ctx.now_ms, tonumber(stale[i + 1]) - step_ms)), stale[i])
    pacer.set(ctx, { rebase_follow_ups_ms = tonumber(stale[i + 1]) })
  end
  return #stale == 2 * rebase_portion
end

-- Jobs that were accepted while the clock was ahead would wait until it is there again.
local function rebase_waiting(ctx)
  local is_more = false
  for _, priority in ipairs(jobs.priorities) do
    local ahead = redis.call('ZRANGE', ctx.key(priority), '(' .. base.int(ctx.now_us + step_tolerated_us), '+inf', 'BYSCORE', 'LIMIT', 0, rebase_portion)
    for _, id in ipairs(ahead) do
      local ready = readiness.next_us(ctx)
      redis.call('ZADD', ctx.key(priority), base.int(ready), id)
      jobs.set(ctx, id, { ready_us = ready })
    end
    is_more = is_more or #ahead == rebase_portion
  end
  return is_more
end

-- Moves one portion of what the old clock put into the future. Returns whether more is left.
function clock.rebase_portion(ctx)
  if not base.is_set(ctx.pacer.rebase_until_ms) then return false end
  local leases, scheduled, due, waiting = rebase_leases(ctx), rebase_scheduled(ctx), rebase_follow_ups(ctx), rebase_waiting(ctx)
  if leases or scheduled or due or waiting then return true end
  pacer.clear(ctx, 'rebase_until_ms', 'rebase_kept', 'rebase_step_ms', 'rebase_follow_ups_ms')
  return false
end

return clock
