#!lua flags=allow-oom
-- An answer that ends the job for good without an invoice to deliver.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  job id
-- ARGV[2]  claim token
-- ARGV[3]  Rate-Limit-Remaining or ''
-- ARGV[4]  Rate-Limit-Limit or ''
-- ARGV[5]  Rate-Limit-Reset in microseconds or ''
-- ARGV[6]  JSON object of strings: outcome (rejected: by Xendit's answer to a create | found: by a look-up), error_code,
--          error_message, error_status [HTTP], response, warnings [JSON texts], invoice_id, closed_invoices [ids of ended invoices, blank between]
-- ARGV[7]  worker name
-- Replies  { dead } | { lease_lost }
-- needs: base, settings, pacer, known_outcomes, pause, grants, evidence, jobs, bills, ending
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
local id, claim_token, remaining, limit, reset_us, answer, worker = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], cjson.decode(ARGV[6]), ARGV[7]

local refusal = known_outcomes.refusal(known_outcomes.dead, answer.outcome)
if refusal then return refusal end
grants.observe_quota(ctx, claim_token, remaining, limit, reset_us)
grants.note_sent(ctx)
if answer.outcome == 'rejected' then
  evidence.note_success(ctx, worker)
  pause.note_rejected(ctx, id, answer.error_code)
else
  evidence.note_answered(ctx, worker)
end

local meta = base.read_hash(ctx.meta_key(id))
if not jobs.holds_token(meta, claim_token) then return { 'lease_lost' } end
local fields = {}
if answer.outcome == 'rejected' then
  fields = jobs.refused_request(meta)
  fields.attempts = (tonumber(meta.attempts) or 0) + 1
else
  answer.effective_until = meta.effective_until
end
fields.effective_until, fields.crashes = '', 0
jobs.update(ctx, id, meta, fields)
for invoice in string.gmatch(answer.closed_invoices or '', '%S+') do bills.remember_closed(ctx, meta.external_id, invoice) end
ending.end_job(ctx, id, meta, 'dead', answer)
return { 'dead' }
