#!lua flags=allow-oom
-- An answer that ends the job for good without an invoice to deliver.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  job id
-- ARGV[2]  fence of the claim
-- ARGV[3]  Rate-Limit-Remaining or ''
-- ARGV[4]  Rate-Limit-Limit or ''
-- ARGV[5]  Rate-Limit-Reset in microseconds or ''
-- ARGV[6]  JSON object of strings: outcome (rejected: by Xendit's answer to a create | found: by a look-up), error_code,
--          error_message, error_status [HTTP], response, warnings [JSON texts], invoice_id, past [ids of ended invoices, blank between]
-- ARGV[7]  worker name
-- Replies  { dead } | { lease_lost }
-- needs: base, breaker, job, chore, finish, observe, evidence, restore
local id, fence, remaining, limit, reset_us, answer, worker = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], cjson.decode(ARGV[6]), ARGV[7]

if answer.outcome ~= 'rejected' and answer.outcome ~= 'found' then return redis.error_reply('ERR unknown outcome') end
observe_quota(fence, remaining, limit, reset_us)
note_sent()
if answer.outcome == 'rejected' then
  note_success(worker)
  note_rejected(id, answer.error_code)
else
  note_answered(worker)
end

local meta = read_hash(meta_key(id))
if not holds_fence(meta, fence) then return { 'lease_lost' } end
local fields = answer.outcome == 'rejected' and refused_request(meta) or {}
if answer.outcome == 'rejected' then
  fields.attempts = (tonumber(meta.attempts) or 0) + 1
  meta.attempts, meta.creates, meta.effective_until = int(fields.attempts), int(fields.creates or 0), ''
end
fields.effective_until, fields.crashes = '', 0
write_hash(meta_key(id), fields)
for invoice in string.gmatch(answer.past or '', '%S+') do remember_past(meta.external_id, invoice) end
end_job(id, meta, 'dead', answer)
return { 'dead' }
