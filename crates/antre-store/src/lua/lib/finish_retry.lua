-- An answer, or the want of one, after which the job goes on.
-- The answer: outcome, code, message, status [HTTP], wait_us, is_answered ('1' or ''), invoice_id, warnings [JSON text].
-- needs: base, notices, claimers, pacer, known_outcomes, breaker, grants, workers, evidence, jobs, cancelling, outcomes
local finish_retry = {}

-- Outcomes that are answers to a look-up.
local answered_look_ups = { absent = true, expire_first = true }
-- Those of the way to Xendit, or of Xendit.
local failures = { lookup_failed = true, refused = true, ambiguous = true }
-- Answers that were another request's, by code.
local mixed_up = { answer_mismatch = true, foreign_list = true }

-- What the record has of it, whatever comes next.
local function note_in_record(ctx, claim, answer, failed_at)
  local fields = { crashes = '' }
  if answer.outcome ~= 'limited' then fields.limited = '' end
  if failures[answer.outcome] then fields[failed_at] = pacer.number(ctx, 'answered')
  elseif answered_look_ups[answer.outcome] then fields.lookup_failed_at, fields.own_failures = '', '' end
  -- What a look-up remarked stays with the job until its end, where it is reported.
  if base.is_set(answer.warnings) then fields.warnings = answer.warnings end
  jobs.drop_token(ctx, claim.id)
  jobs.set(ctx, claim.id, fields)
end

-- Returns { waiting } | { scheduled } | { dead } its attempts are used | { cancelled } | { lease_lost }
function finish_retry.apply(ctx, request, answer)
  local refusal = known_outcomes.refusal(known_outcomes.retry, answer.outcome)
  if refusal then return refusal end
  local id, worker = request.id, request.worker
  local meta = jobs.read(ctx, id)
  local is_create = meta.request == 'create'
  local failed_at = is_create and 'create_failed_at' or 'lookup_failed_at'
  local claim = { id = id, meta = meta, answer = answer, tries = (tonumber(meta.tries) or 0) + 1,
    was_open = breaker.is_open(ctx) or workers.is_open(workers.read(ctx, worker)), is_own = evidence.is_own_failure(ctx, meta, failed_at, worker) }

  grants.observe_quota(ctx, request.claim_token, request.quota)
  evidence.note_outcome(ctx, { outcome = answer.outcome, id = id, claim_token = request.claim_token, code = answer.code, wait_us = tonumber(answer.wait_us), worker = worker,
    is_create = is_create, is_own = claim.is_own and answer.outcome ~= 'not_sent' })
  if not jobs.holds_token(meta, request.claim_token) then return { 'lease_lost' } end
  -- Told of the code only: other failures have their breakers.
  if mixed_up[answer.code] then notices.tell(ctx, 'mixed_answers', worker) end
  if claim.is_own and not is_create and (answer.outcome == 'lookup_failed' or answer.outcome == 'refused') then notices.tell(ctx, 'look_ups_fail', id) end
  note_in_record(ctx, claim, answer, failed_at)
  local word = outcomes.after[answer.outcome](ctx, claim)
  if cancelling.settle(ctx, id) then word = 'cancelled' end
  claimers.wake_one(ctx)
  return { word }
end

return finish_retry
