-- Whose evidence an outcome is: the job's, the worker's, or the account's. ARCHITECTURE.md has the table.
-- needs: base, settings, pacer, pace, breaker, grants, workers, worker_evidence
local evidence = {}

local function count_answered(ctx) pacer.set(ctx, { answered = pacer.number(ctx, 'answered') + 1 }) end

-- A create that Xendit answered on its merits shows that everything works.
function evidence.note_success(ctx, worker)
  count_answered(ctx)
  worker_evidence.created(ctx, worker, workers.read(ctx, worker))
  breaker.close(ctx)
  if base.is_set(ctx.pacer.reopened) then pacer.clear(ctx, 'reopened') end
end

-- Any other answer: Xendit, network and key work; whether creates do is open if some have failed.
function evidence.note_answered(ctx, worker)
  count_answered(ctx)
  worker_evidence.answered(ctx, worker, workers.read(ctx, worker))
  if pacer.number(ctx, 'create_failures') == 0 then return breaker.close(ctx) end
  pacer.clear(ctx, 'failures')
  if breaker.is_open(ctx) and ctx.pacer.breaker_scope ~= 'creates' then
    pacer.set(ctx, { breaker_scope = 'creates', probe_at_us = ctx.now_us })
    base.wake_all(ctx)
  end
end

-- Trouble of the account, until others show that it is a worker's. Returns whether a worker has met all of it, and
-- another one is there whose answers will tell.
local function count_account_trouble(ctx, worker, trouble)
  redis.call('ZADD', ctx.key('suspects'), 'NX', 0, trouble.id)
  local met_by = base.is_set(ctx.pacer.trouble_by) and ctx.pacer.trouble_by ~= worker and pacer.many or worker
  pacer.set(ctx, { failures = pacer.number(ctx, 'failures') + (trouble.is_failure and 1 or 0),
    create_failures = pacer.number(ctx, 'create_failures') + (trouble.is_create and 1 or 0), trouble_by = met_by })
  return met_by == worker and workers.has_others(ctx, worker)
end

local function judge_account(ctx, worker, trouble)
  if breaker.is_open(ctx) then
    if trouble.is_failure then pacer.set(ctx, { breaker_scope = 'jobs' }) end
    return
  end
  local enough = redis.call('ZCARD', ctx.key('suspects')) >= breaker.suspects_to_open or pacer.number(ctx, 'failures') >= breaker.failures_to_open
  if enough then breaker.open(ctx, trouble.code, settings.number(ctx, 'breaker_probe_ms'), worker) end
end

local function note_trouble(ctx, worker, trouble)
  local seen = workers.read(ctx, worker)
  local is_alone = worker_evidence.count_trouble(ctx, worker, seen, trouble) or count_account_trouble(ctx, worker, trouble)
  worker_evidence.judge(ctx, worker, seen, trouble, is_alone)
  if not is_alone then judge_account(ctx, worker, trouble) end
end

-- A request of this record failed before, and its worker got answers since: the failure is the record's own.
function evidence.is_own_failure(ctx, record, field, worker)
  if not base.is_set(record[field]) then return false end
  local seen_at = workers.number(workers.read(ctx, worker), field == 'create_failed_at' and 'created_at' or 'answered_at')
  return seen_at > tonumber(record[field])
end

-- What each outcome says; `answered` is what several of a probe's say. A failure is one of the way to Xendit: it says
-- nothing about the job.
evidence.says = { answered = 'answer', absent = 'answer', expire_first = 'answer', expired = 'answer', done = 'answer',
  limited = 'limit', key_refused = 'wrong key', not_sent = 'failure', lookup_failed = 'failure', ambiguous = 'trouble',
  refused = 'trouble', abandoned = 'nothing' }

-- What an outcome says about Xendit, the network, the key and the worker, whoever holds the job by now.
-- `seen`: outcome, id, claim_token, code, wait_us, worker, is_create, is_own.
function evidence.note_outcome(ctx, seen)
  local says = evidence.says[seen.outcome]
  if says == 'nothing' then return end
  if seen.outcome ~= 'not_sent' then grants.note_sent(ctx) end
  if says == 'limit' then
    local is_alone = worker_evidence.limited(ctx, seen.worker, workers.read(ctx, seen.worker), seen.is_create)
    if is_alone then pace.forget_limited(ctx, seen.worker) else pace.note_limited(ctx, seen.worker, seen.wait_us, seen.claim_token) end
  elseif says == 'wrong key' then worker_evidence.key_refused(ctx, seen.worker, workers.read(ctx, seen.worker), seen.code)
  elseif says == 'failure' or says == 'trouble' then
    if seen.is_own then return end
    local is_failure = says == 'failure'
    note_trouble(ctx, seen.worker, { id = seen.id, code = seen.code, is_failure = is_failure, is_create = seen.is_create and not is_failure })
  elseif says == 'answer' then evidence.note_answered(ctx, seen.worker) end
end

return evidence
