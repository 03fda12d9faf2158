-- One worker's breaker: what only this worker sees closes this worker, not the account.
-- `breaker:<worker>` holds its failures since its last success and, once open, reason, scope and next probe.
-- Scopes: `all`: only neutral probes leave; `creates`: look-ups leave, and creates are probes; `jobs`: every request is
-- a probe.
-- needs: base, settings, pacer, records
local workers = {}

local worker_memory_s = 3600
local worker_probe_max_ms = 60000

function workers.key(ctx, worker) return ctx.key_of('breaker:', worker) end

function workers.read(ctx, worker) return records.read(ctx, workers.key(ctx, worker)) end

function workers.number(seen, name)
  local value = seen[name]
  return value and tonumber(value) or 0
end

function workers.set(ctx, worker, fields)
  -- None and zero are one here.
  for field, value in pairs(fields) do if value == 0 then fields[field] = '' end end
  local name = workers.key(ctx, worker)
  records.set(ctx, name, fields)
  records.expire(ctx, name, worker_memory_s)
end

-- `fields`: a list of names.
function workers.clear(ctx, worker, fields) records.clear(ctx, workers.key(ctx, worker), fields) end

-- Requests that other workers got answered so far.
function workers.others_answered(ctx, seen) return pacer.number(ctx, 'answered') - workers.number(seen, 'answered') end

function workers.is_open(seen) return base.is_set(seen.reason) end

-- Its last requests failed or were limited, and no create was answered since.
function workers.is_in_doubt(seen)
  return workers.is_open(seen) or base.is_set(seen.suspects) or workers.number(seen, 'failures') > 0 or workers.number(seen, 'limited') > 0
end

function workers.close(ctx, worker, seen)
  if not workers.is_open(seen) then return end
  base.event(ctx, 'worker_closed', nil, worker)
  base.wake_all(ctx)
  workers.set(ctx, worker, { reason = '', scope = '', since_ms = '', probe_ms = '', probe_at_us = '' })
end

-- Probes of a worker that alone has trouble become rarer each time, so that it costs the others next to nothing.
function workers.open(ctx, worker, seen, reason, scope, probe_ms)
  if not workers.is_open(seen) then
    base.event(ctx, 'worker_opened', nil, worker .. ' ' .. reason)
    base.count(ctx, 'worker_opened')
    workers.set(ctx, worker, { since_ms = ctx.now_ms })
  end
  local reopened = workers.number(seen, 'reopened')
  local wait_ms = math.max(probe_ms, math.min(worker_probe_max_ms, probe_ms * 2 ^ math.min(reopened, 10)))
  workers.set(ctx, worker, { reason = reason, scope = scope, probe_ms = wait_ms, probe_at_us = ctx.now_us + wait_ms * 1000,
    reopened = reopened + 1 })
end

-- Trouble closes it. The first probe is neutral and harms nobody, so it leaves at once: jobs may be the cause.
function workers.close_for_trouble(ctx, worker, seen, reason)
  local is_first = workers.number(seen, 'reopened') == 0
  workers.open(ctx, worker, seen, reason, 'all', settings.number(ctx, 'breaker_probe_ms'))
  if is_first then workers.set(ctx, worker, { probe_at_us = ctx.now_us }) end
end

-- Whether another worker serves this account, as far as heartbeats tell.
function workers.has_others(ctx, worker) return redis.call('HLEN', ctx.key('workers')) > redis.call('HEXISTS', ctx.key('workers'), worker) end

return workers
