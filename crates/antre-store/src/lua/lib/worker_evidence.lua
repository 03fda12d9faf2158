-- What a request's outcome says about the worker that sent it.
-- needs: base, settings, pacer, breaker, workers
local worker_evidence = {}

local limited_alone = 2
local key_probe_ms = 60000
-- What a create that succeeds ends.
local troubles = { 'failures', 'suspects', 'create_failures', 'limited', 'limited_creates', 'reopened' }

-- A create that Xendit answered on its merits.
function worker_evidence.created(ctx, worker, seen)
  local answered_at = pacer.number(ctx, 'answered')
  workers.clear(ctx, worker, troubles)
  workers.set(ctx, worker, { answered = workers.number(seen, 'answered') + 1, answered_at = answered_at, created_at = answered_at })
  workers.close(ctx, worker, seen)
end

-- Anything else that was answered: creates may fail, or be limited, all the same.
function worker_evidence.answered(ctx, worker, seen)
  local is_doubtful = workers.number(seen, 'create_failures') + workers.number(seen, 'limited_creates') > 0
  workers.set(ctx, worker, { failures = 0, limited = workers.number(seen, 'limited_creates'),
    answered = workers.number(seen, 'answered') + 1, answered_at = pacer.number(ctx, 'answered') })
  if workers.number(seen, 'create_failures') == 0 then workers.set(ctx, worker, { suspects = '' }) end
  if not workers.is_open(seen) then return end
  if not is_doubtful then return workers.close(ctx, worker, seen) end
  if seen.scope ~= 'creates' then workers.set(ctx, worker, { scope = 'creates', probe_at_us = ctx.now_us }) end
end

-- Returns the suspects with `id` among them, as text; more than needed are not kept.
local function with_suspect(seen, id)
  local ids, is_known = {}, false
  for known in string.gmatch(seen.suspects or '', '%S+') do
    ids[#ids + 1] = known
    is_known = is_known or known == id
  end
  if not is_known and #ids < breaker.suspects_to_open then ids[#ids + 1] = id end
  return table.concat(ids, ' ')
end

-- `trouble`: id, code, is_create, and is_failure for what says nothing about the job.
-- Returns whether only this worker has it: others got answers since it began.
function worker_evidence.count_trouble(ctx, worker, seen, trouble)
  if not base.is_set(seen.suspects) and workers.number(seen, 'failures') == 0 then
    workers.set(ctx, worker, { others_at = workers.others_answered(ctx, seen) })
  end
  workers.set(ctx, worker, { suspects = with_suspect(seen, trouble.id),
    failures = workers.number(seen, 'failures') + (trouble.is_failure and 1 or 0),
    create_failures = workers.number(seen, 'create_failures') + (trouble.is_create and 1 or 0) })
  return workers.others_answered(ctx, seen) > workers.number(seen, 'others_at')
end

-- `is_alone`: it is only this worker's, as far as is known.
function worker_evidence.judge(ctx, worker, seen, trouble, is_alone)
  if workers.is_open(seen) then
    return workers.open(ctx, worker, seen, trouble.code, trouble.is_failure and 'all' or seen.scope, settings.number(ctx, 'breaker_probe_ms'))
  end
  local _, different = string.gsub(seen.suspects, '%S+', '')
  local most = math.max(workers.number(seen, 'failures'), workers.number(seen, 'create_failures'))
  if is_alone and (different >= breaker.suspects_to_open or most >= breaker.failures_to_open) then
    workers.close_for_trouble(ctx, worker, seen, trouble.code)
  end
end

-- The key is this worker's: others may have another one.
function worker_evidence.key_refused(ctx, worker, seen, code)
  workers.open(ctx, worker, seen, code, 'all', key_probe_ms)
end

-- Returns whether only this worker is limited again while others pass: then the fleet need not wait.
function worker_evidence.limited(ctx, worker, seen, is_create)
  local times = workers.number(seen, 'limited') + 1
  if times == 1 then workers.set(ctx, worker, { limited_others_at = workers.others_answered(ctx, seen) }) end
  workers.set(ctx, worker, { limited = times, limited_creates = workers.number(seen, 'limited_creates') + (is_create and 1 or 0) })
  if times < limited_alone or workers.others_answered(ctx, seen) <= workers.number(seen, 'limited_others_at') then return false end
  local scope = workers.number(seen, 'limited_creates') > 0 and 'creates' or 'jobs'
  workers.open(ctx, worker, seen, 'limited', scope, settings.number(ctx, 'breaker_probe_ms'))
  return true
end

return worker_evidence
