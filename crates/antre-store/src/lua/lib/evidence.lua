-- Whose evidence an outcome is: the job's, the worker's, or the account's. ARCHITECTURE.md has the table.
-- needs: base, pacer, breaker, worker, worker_evidence, observe
local function count_answered() set_pacer({ answered = pacer_number('answered') + 1 }) end

-- A create that Xendit answered on its merits shows that everything works.
local function note_success(worker)
  count_answered()
  worker_created(worker, read_hash(worker_key(worker)))
  close_breaker()
  if is_set(pacer.reopened) then clear_pacer('reopened') end
end

-- Any other answer: Xendit, network and key work; whether creates do is open if some have failed.
local function note_answered(worker)
  count_answered()
  worker_answered(worker, read_hash(worker_key(worker)))
  if pacer_number('create_failures') == 0 then return close_breaker() end
  set_pacer({ failures = 0 })
  if is_open() and pacer.breaker_scope ~= 'creates' then
    set_pacer({ breaker_scope = 'creates', probe_at_us = now_us })
    wake()
  end
end

-- Trouble of the account, until others show that it is a worker's. Returns whether a worker has met all of it, and
-- another one is there whose answers will tell.
local function count_account_trouble(worker, trouble)
  redis.call('ZADD', key('suspects'), 'NX', 0, trouble.id)
  local met_by = is_set(pacer.trouble_by) and pacer.trouble_by ~= worker and many or worker
  set_pacer({ failures = pacer_number('failures') + (trouble.is_failure and 1 or 0),
    create_failures = pacer_number('create_failures') + (trouble.is_create and 1 or 0), trouble_by = met_by })
  return met_by == worker and has_others(worker)
end

local function judge_account(worker, trouble)
  if is_open() then
    if trouble.is_failure then set_pacer({ breaker_scope = 'jobs' }) end
    return
  end
  local enough = redis.call('ZCARD', key('suspects')) >= suspects_to_open or pacer_number('failures') >= failures_to_open
  if enough then open_breaker(trouble.code, setting('breaker_probe_ms'), worker) end
end

local function note_trouble(worker, trouble)
  local seen = read_hash(worker_key(worker))
  local is_alone = count_worker_trouble(worker, seen, trouble) or count_account_trouble(worker, trouble)
  judge_worker(worker, seen, trouble, is_alone)
  if not is_alone then judge_account(worker, trouble) end
end

-- A request of this record failed before, and its worker got answers since: the failure is the record's own.
local function is_own_failure(record, field, worker)
  if not is_set(record[field]) then return false end
  local seen_at = redis.call('HGET', worker_key(worker), field == 'create_failed_at' and 'created_at' or 'answered_at')
  return (tonumber(seen_at or '') or 0) > tonumber(record[field])
end

-- What an outcome says about Xendit, the network, the key and the worker, whoever holds the job by now.
-- `seen`: outcome, id, code, wait_us, worker, is_create, is_own.
local function note_outcome(seen)
  local outcome = seen.outcome
  if outcome == 'abandoned' then return end
  if outcome ~= 'not_sent' then note_sent() end
  if outcome == 'limited' then
    local is_alone = worker_limited(seen.worker, read_hash(worker_key(seen.worker)), seen.is_create)
    if is_alone then forget_limited(seen.worker) else note_limited(seen.worker, seen.wait_us) end
  elseif outcome == 'key_refused' then worker_key_refused(seen.worker, read_hash(worker_key(seen.worker)), seen.code)
  elseif outcome == 'not_sent' or outcome == 'lookup_failed' or outcome == 'ambiguous' or outcome == 'refused' then
    if seen.is_own then return end
    local is_failure = outcome == 'not_sent' or outcome == 'lookup_failed'
    note_trouble(seen.worker, { id = seen.id, code = seen.code, is_failure = is_failure, is_create = seen.is_create and not is_failure })
  else note_answered(seen.worker) end
end
