#!lua flags=allow-oom
-- An answer, or the want of one, after which the job goes on.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  job id
-- ARGV[2]  claim token
-- ARGV[3]  Rate-Limit-Remaining or ''
-- ARGV[4]  Rate-Limit-Limit or ''
-- ARGV[5]  Rate-Limit-Reset in microseconds or ''
-- ARGV[6]  JSON object of strings: outcome, code, message, status [HTTP], response [JSON text], wait_us, is_answered ('1' or ''), invoice_id, warnings
-- ARGV[7]  worker name
-- Replies  { waiting } | { scheduled } | { dead } its attempts are used | { lease_lost }
-- needs: base, settings, pacer, known_outcomes, breaker, grants, workers, evidence, jobs, outcomes
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
local id, claim_token, remaining, limit, reset_us, answer, worker = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], cjson.decode(ARGV[6]), ARGV[7]

-- Outcomes that are answers to a look-up.
local answered_look_ups = { absent = true, expire_first = true }
-- Answers that were another request's, by code.
local mixed_up = { answer_mismatch = true, foreign_list = true }

local refusal = known_outcomes.refusal(known_outcomes.retry, answer.outcome)
if refusal then return refusal end
local meta = base.read_hash(ctx.meta_key(id))
local is_create = meta.request == 'create'
local failed_at = is_create and 'create_failed_at' or 'lookup_failed_at'
local claim = { id = id, meta = meta, answer = answer, tries = (tonumber(meta.tries) or 0) + 1,
  was_open = breaker.is_open(ctx) or workers.is_open(workers.read(ctx, worker)), is_own = evidence.is_own_failure(ctx, meta, failed_at, worker) }

grants.observe_quota(ctx, claim_token, remaining, limit, reset_us)
evidence.note_outcome(ctx, { outcome = answer.outcome, id = id, code = answer.code, wait_us = tonumber(answer.wait_us), worker = worker,
  is_create = is_create, is_own = claim.is_own and answer.outcome ~= 'not_sent' })
if not jobs.holds_token(meta, claim_token) then return { 'lease_lost' } end
jobs.drop_token(ctx, id)
redis.call('HSET', ctx.meta_key(id), 'crashes', '0')
if answer.outcome ~= 'limited' then redis.call('HSET', ctx.meta_key(id), 'limited', '0') end
-- Told of the code only: other failures have their breakers.
if mixed_up[answer.code] then base.notice(ctx, 'mixed_answers', worker) end
if claim.is_own and not is_create and (answer.outcome == 'lookup_failed' or answer.outcome == 'refused') then base.notice(ctx, 'look_ups_fail', id) end
local is_failure = answer.outcome == 'lookup_failed' or answer.outcome == 'refused' or answer.outcome == 'ambiguous'
if is_failure then redis.call('HSET', ctx.meta_key(id), failed_at, base.int(pacer.number(ctx, 'answered')))
elseif answered_look_ups[answer.outcome] then redis.call('HSET', ctx.meta_key(id), 'lookup_failed_at', '', 'own_failures', '0') end
-- What a look-up remarked stays with the job until its end, where it is reported.
if base.is_set(answer.warnings) then
  claim.meta.warnings = answer.warnings
  redis.call('HSET', ctx.meta_key(id), 'warnings', answer.warnings)
end
local word = outcomes.after[answer.outcome](ctx, claim)
base.wake(ctx)
return { word }
