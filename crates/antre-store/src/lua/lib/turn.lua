-- What may leave next, given a person's pause, the account's breaker and that of the worker `claimer` that asks.
-- `claimer`: worker, seen (its breaker), held (claims it has).
-- needs: base, pacer, breaker, worker, job, order, charge
local candidates_max = 20
local others_first_us = 250000

-- The account's next probe is first for those who did not make the last one: it may be only they who have no trouble.
local function account_probe_us(worker)
  local at = pacer_number('probe_at_us')
  if pacer.prober == worker and has_others(worker) then at = at + others_first_us end
  return at
end

-- A clock that stepped back must not keep a worker from its next probe.
local function rebase_worker(claimer)
  local seen = claimer.seen
  if worker_number(seen, 'probe_at_us') > now_us + worker_number(seen, 'probe_ms') * 1000 then
    set_worker(claimer.worker, seen, { probe_at_us = now_us })
  end
end

-- Returns until when creates, and until when all requests, must wait for a breaker's next probe (us).
local function breaker_instants(claimer)
  rebase_worker(claimer)
  local creates, all, seen = 0, 0, claimer.seen
  if is_open() then
    creates = account_probe_us(claimer.worker)
    if pacer.breaker_scope ~= 'creates' then all = creates end
  end
  if worker_is_open(seen) then
    creates = math.max(creates, worker_number(seen, 'probe_at_us'))
    if seen.scope ~= 'creates' then all = math.max(all, worker_number(seen, 'probe_at_us')) end
  end
  return creates, all
end

local function pick(claimer, creates_at)
  if worker_is_open(claimer.seen) and claimer.seen.scope == 'all' then return { kind = 'probe' } end
  -- Jobs at the head may be why it is open: a neutral request tells, and none pays for it.
  if is_open() and pacer.breaker_scope ~= 'creates' then return { kind = 'probe' } end
  if creates_at > now_us then return best_look_up() end
  return is_open() and best_non_suspect() or best()
end

local function is_gone(candidate)
  candidate.meta = read_hash(meta_key(candidate.id))
  if candidate.meta.state == 'waiting' then return false end
  -- Another program removed the record: the entry must not block those behind it.
  for _, priority in ipairs(priorities) do redis.call('ZREM', key(priority), candidate.id) end
  return true
end

-- Returns the candidate, nothing when only creates are ready and must wait, or 'again'.
local function next_candidate(claimer, creates_at)
  for _ = 1, candidates_max do
    local candidate = pick(claimer, creates_at)
    if not candidate or candidate.kind ~= 'job' then return candidate end
    if not is_gone(candidate) and settle_charges(candidate.id, candidate.meta) then return candidate end
  end
  return 'again'
end

local function note_probe(claimer)
  if is_open() then set_pacer({ probe_at_us = now_us + pacer_number('probe_ms') * 1000, prober = claimer.worker }) end
  if worker_is_open(claimer.seen) then
    set_worker(claimer.worker, claimer.seen, { probe_at_us = now_us + worker_number(claimer.seen, 'probe_ms') * 1000 })
  end
end

-- With nothing left to do there is nothing left to doubt. A closed worker goes on with its probes.
local function is_idle(claimer)
  if best() or (worker_is_open(claimer.seen) and claimer.seen.scope == 'all') then return false end
  local is_settled = redis.call('ZCARD', scheduled_place) + redis.call('ZCARD', leases_place) == 0
  if is_open() and pacer.breaker_scope == 'creates' and is_settled then close_breaker() end
  return true
end

-- A job that was lost once runs alone, so that what is lost with it next time is its own doing.
local function must_run_alone(candidate) return candidate.kind == 'job' and (tonumber(candidate.meta.crashes) or 0) > 0 end
