-- What may leave next, given a person's pause, the account's breaker and that of the worker `claimer` that asks.
-- `claimer`: worker, seen (its breaker), held (claims it has).
-- needs: pacer, pace, breaker, workers, jobs, charges, order
local turn = {}

local candidates_max = 20
local others_first_us = 250000

-- The account's next probe is first for those who did not make the last one: it may be only they who have no trouble.
local function account_probe_us(ctx, worker)
  local at = pacer.number(ctx, 'probe_at_us')
  if ctx.pacer.prober == worker and workers.has_others(ctx, worker) then at = at + others_first_us end
  return at
end

-- A clock that stepped back must not keep a worker from its next probe.
local function rebase_worker(ctx, claimer)
  local seen = claimer.seen
  if workers.number(seen, 'probe_at_us') > ctx.now_us + workers.number(seen, 'probe_ms') * 1000 then
    workers.set(ctx, claimer.worker, { probe_at_us = ctx.now_us })
  end
end

-- Returns until when creates, and until when all requests, must wait for a breaker's next probe (us).
function turn.breaker_instants(ctx, claimer)
  rebase_worker(ctx, claimer)
  local creates, all, seen = 0, 0, claimer.seen
  if breaker.is_open(ctx) then
    creates = account_probe_us(ctx, claimer.worker)
    if ctx.pacer.breaker_scope ~= 'creates' then all = creates end
  end
  if workers.is_open(seen) then
    creates = math.max(creates, workers.number(seen, 'probe_at_us'))
    if seen.scope ~= 'creates' then all = math.max(all, workers.number(seen, 'probe_at_us')) end
  end
  return creates, all
end

local function pick(ctx, claimer, creates_at)
  if workers.is_open(claimer.seen) and claimer.seen.scope == 'all' then return { kind = 'probe' } end
  -- Jobs at the head may be why it is open: a neutral request tells, and none pays for it.
  if breaker.is_open(ctx) and ctx.pacer.breaker_scope ~= 'creates' then return { kind = 'probe' } end
  if creates_at > ctx.now_us then return order.best_look_up(ctx) end
  return breaker.is_open(ctx) and order.best_non_suspect(ctx) or order.best(ctx)
end

local function is_gone(ctx, candidate)
  candidate.meta = jobs.read(ctx, candidate.id)
  if candidate.meta.state == 'waiting' then return false end
  -- Another program removed the record: the entry must not block those behind it.
  for _, priority in ipairs(jobs.priorities) do redis.call('ZREM', ctx.key(priority), candidate.id) end
  return true
end

-- Returns the candidate, nothing when only creates are ready and must wait, or 'again'.
function turn.next_candidate(ctx, claimer, creates_at)
  for _ = 1, candidates_max do
    local candidate = pick(ctx, claimer, creates_at)
    if not candidate or candidate.kind ~= 'job' then return candidate end
    if not is_gone(ctx, candidate) and charges.apply(ctx, candidate.id, candidate.meta) then return candidate end
    order.take(ctx, candidate)
  end
  return 'again'
end

function turn.note_probe(ctx, claimer)
  if breaker.is_open(ctx) then pacer.set(ctx, { probe_at_us = ctx.now_us + pacer.number(ctx, 'probe_ms') * 1000, prober = claimer.worker }) end
  if workers.is_open(claimer.seen) then
    workers.set(ctx, claimer.worker, { probe_at_us = ctx.now_us + workers.number(claimer.seen, 'probe_ms') * 1000 })
  end
end

-- How many requests this call may grant. A worker that falls sick loses no more than what it took at once: the pace of
-- 50 ms, or the turn before that nobody used. One in doubt takes one: its answer is waited for.
local taken_at_once_us = 50000
function turn.most(ctx, claimer, wanted)
  if breaker.is_open(ctx) or workers.is_in_doubt(claimer.seen) then return 1 end
  local interval_us = pace.interval_us(ctx)
  if interval_us == 0 then return wanted end
  return math.min(wanted, math.max(pace.has_missed(ctx) and 2 or 1, math.floor(taken_at_once_us / interval_us)))
end

function turn.has_more(ctx, claimer) return not workers.is_open(claimer.seen) and order.best(ctx) ~= nil end

-- With nothing left to do there is nothing left to doubt. A closed worker goes on with its probes.
function turn.is_idle(ctx, claimer)
  if order.best(ctx) or (workers.is_open(claimer.seen) and claimer.seen.scope == 'all') then return false end
  local is_drained = redis.call('ZCARD', ctx.key('scheduled')) + redis.call('ZCARD', ctx.key('leases')) == 0
  if breaker.is_open(ctx) and ctx.pacer.breaker_scope == 'creates' and is_drained then breaker.close(ctx) end
  return true
end

-- A job that was lost once runs alone, so that what is lost with it next time is its own doing.
function turn.must_run_alone(candidate) return candidate.kind == 'job' and (tonumber(candidate.meta.crashes) or 0) > 0 end

return turn
