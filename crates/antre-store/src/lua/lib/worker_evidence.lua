-- What a request's outcome says about the worker that sent it.
-- A create that Xendit answered on its merits.
-- needs: base, pacer, breaker, worker
local function worker_created(worker, seen)
  set_worker(worker, seen, { failures = 0, suspects = '', create_failures = 0, limited = 0, limited_creates = 0, reopened = 0,
    answered = worker_number(seen, 'answered') + 1, answered_at = pacer_number('answered'),
    created_at = pacer_number('answered') })
  close_worker(worker, seen)
end

-- Anything else that was answered: creates may fail, or be limited, all the same.
local function worker_answered(worker, seen)
  local is_doubtful = worker_number(seen, 'create_failures') + worker_number(seen, 'limited_creates') > 0
  set_worker(worker, seen, { failures = 0, limited = worker_number(seen, 'limited_creates'),
    answered = worker_number(seen, 'answered') + 1, answered_at = pacer_number('answered') })
  if worker_number(seen, 'create_failures') == 0 then set_worker(worker, seen, { suspects = '' }) end
  if not worker_is_open(seen) then return end
  if not is_doubtful then return close_worker(worker, seen) end
  if seen.scope ~= 'creates' then set_worker(worker, seen, { scope = 'creates', probe_at_us = now_us }) end
end

-- Returns the suspects with `id` among them, as text; more than needed are not kept.
local function with_suspect(seen, id)
  local ids, is_known = {}, false
  for known in string.gmatch(seen.suspects or '', '%S+') do
    ids[#ids + 1] = known
    is_known = is_known or known == id
  end
  if not is_known and #ids < suspects_to_open then ids[#ids + 1] = id end
  return table.concat(ids, ' ')
end

-- `trouble`: id, code, is_create, and is_failure for what says nothing about the job.
-- Returns whether only this worker has it: others got answers since it began.
local function count_worker_trouble(worker, seen, trouble)
  if not is_set(seen.suspects) and worker_number(seen, 'failures') == 0 then
    set_worker(worker, seen, { others_at = others_answered(seen) })
  end
  set_worker(worker, seen, { suspects = with_suspect(seen, trouble.id),
    failures = worker_number(seen, 'failures') + (trouble.is_failure and 1 or 0),
    create_failures = worker_number(seen, 'create_failures') + (trouble.is_create and 1 or 0) })
  return others_answered(seen) > worker_number(seen, 'others_at')
end

-- `is_alone`: it is only this worker's, as far as is known.
local function judge_worker(worker, seen, trouble, is_alone)
  if worker_is_open(seen) then
    return open_worker(worker, seen, trouble.code, trouble.is_failure and 'all' or seen.scope, setting('breaker_probe_ms'))
  end
  local _, different = string.gsub(seen.suspects, '%S+', '')
  local most = math.max(worker_number(seen, 'failures'), worker_number(seen, 'create_failures'))
  if is_alone and (different >= suspects_to_open or most >= failures_to_open) then
    close_for_trouble(worker, seen, trouble.code)
  end
end

-- The key is this worker's: others may have another one.
local function worker_key_refused(worker, seen, code)
  open_worker(worker, seen, code, 'all', key_probe_ms)
end

-- Returns whether only this worker is limited again while others pass: then the fleet need not wait.
local function worker_limited(worker, seen, is_create)
  local times = worker_number(seen, 'limited') + 1
  if times == 1 then set_worker(worker, seen, { limited_others_at = others_answered(seen) }) end
  set_worker(worker, seen, { limited = times, limited_creates = worker_number(seen, 'limited_creates') + (is_create and 1 or 0) })
  if times < limited_alone or others_answered(seen) <= worker_number(seen, 'limited_others_at') then return false end
  local scope = worker_number(seen, 'limited_creates') > 0 and 'creates' or 'jobs'
  open_worker(worker, seen, 'limited', scope, setting('breaker_probe_ms'))
  return true
end
