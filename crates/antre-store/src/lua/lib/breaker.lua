-- The account's breaker: whether the fault is Xendit's (or everybody's network) rather than a job's or a worker's.
-- `suspects` holds the jobs whose requests failed since the last success; score = last probe (ms).
-- Scopes: `jobs`: only neutral probes leave; `creates`: look-ups leave, and creates are probes.
-- needs: base, pacer
local breaker = {}

breaker.suspects_to_open = 3
breaker.failures_to_open = 3

function breaker.has_suspects(ctx) return base.is_set(ctx.pacer.trouble_by) end

function breaker.is_open(ctx) return base.is_set(ctx.pacer.breaker) end

-- `worker` met the last failure, so others probe first. The first probe since a create succeeded leaves at once.
function breaker.open(ctx, reason, probe_ms, worker)
  base.event(ctx, 'breaker_opened', nil, reason)
  base.count(ctx, 'breaker_opened')
  local is_first = pacer.number(ctx, 'reopened') == 0
  pacer.set(ctx, { breaker = reason, breaker_scope = 'jobs', breaker_since_ms = ctx.now_ms, probe_ms = probe_ms,
    probe_at_us = ctx.now_us + (is_first and 0 or probe_ms * 1000), prober = worker, reopened = 1 })
end

-- A probe that was not sent has shown nothing: the next need not wait for its time.
function breaker.hasten_probe(ctx)
  if breaker.is_open(ctx) then pacer.set(ctx, { probe_at_us = math.min(pacer.number(ctx, 'probe_at_us'), ctx.now_us) }) end
end

function breaker.close(ctx)
  if breaker.has_suspects(ctx) then
    redis.call('DEL', ctx.key('suspects'))
    pacer.clear(ctx, 'failures', 'create_failures', 'trouble_by')
  end
  if not breaker.is_open(ctx) then return end
  pacer.clear(ctx, 'breaker', 'breaker_scope', 'breaker_since_ms', 'probe_ms', 'probe_at_us', 'prober')
  base.event(ctx, 'breaker_closed')
  base.wake_all(ctx)
end

return breaker
