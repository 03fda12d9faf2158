#!lua flags=allow-oom
-- A create was answered with an invoice, or a look-up found the job's invoice.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  job id
-- ARGV[2]  claim token
-- ARGV[3]  Rate-Limit-Remaining or ''
-- ARGV[4]  Rate-Limit-Limit or ''
-- ARGV[5]  Rate-Limit-Reset in microseconds or ''
-- ARGV[6]  JSON object of strings: outcome (created | adopted), external_id, invoice_id, invoice_url, expiry_date,
--          expires_at [Unix ms], user_id, response, warnings [JSON texts], is_paid ('1' or ''), already_paid ('1': paid before
--          this job asked for it, or ''), surplus [ids, blank between]
-- ARGV[7]  worker name
-- Replies  { done } | { surplus } the invoice is to be expired | { same } known already | { raced } look again | { ignored }
-- needs: base, settings, pacer, known_outcomes, grants, evidence, identity, jobs, follow_ups, ending
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
identity.read(ctx)
local id, claim_token, remaining, limit, reset_us, answer, worker = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], cjson.decode(ARGV[6]), ARGV[7]

local refusal = known_outcomes.refusal(known_outcomes.done, answer.outcome)
if refusal then return refusal end
grants.observe_quota(ctx, claim_token, remaining, limit, reset_us)
grants.note_sent(ctx)
if answer.outcome == 'created' then
  evidence.note_success(ctx, worker)
  pacer.set(ctx, { successes = pacer.number(ctx, 'successes') + 1, rejections = 0 })
else
  evidence.note_answered(ctx, worker)
end

identity.learn_user_id(ctx, answer.user_id)
local meta = base.read_hash(ctx.meta_key(id))
local bill = base.read_hash(ctx.bill_key(answer.external_id))

-- An invoice that is being expired must not be delivered, unless its customer paid it meanwhile.
local function is_closed()
  return answer.is_paid ~= '1' and string.find(' ' .. (bill.closed_invoices or '') .. ' ', ' ' .. answer.invoice_id .. ' ', 1, true)
end

local function unwanted()
  if answer.outcome == 'adopted' then return { 'ignored' } end
  follow_ups.expire_surplus(ctx, id, answer.external_id, answer.invoice_id)
  return { 'surplus' }
end

-- Perhaps this was meant to be a new bill, and nothing is billed.
local function note_already_paid()
  base.event(ctx, 'already_paid', id, answer.invoice_id)
  base.count(ctx, 'already_paid')
  pacer.set(ctx, { already_paid_ms = ctx.now_ms, already_paid_before_ms = pacer.number(ctx, 'already_paid_ms') })
end

if meta.invoice_id == answer.invoice_id and meta.state == 'done' then return { 'same' } end
if bill.job ~= id or not meta.state or meta.state == 'done' or meta.state == 'cancelled' then return unwanted() end
-- So may an invoice just made be, if an audit of the bill found it before its answer came.
if is_closed() then
  if jobs.holds_token(meta, claim_token) then
    jobs.drop_token(ctx, id)
    jobs.to_scheduled(ctx, id, meta, ctx.now_ms + settings.retry_delay_ms(ctx, (tonumber(meta.attempts) or 0) + 1), { request = 'lookup' })
    base.wake(ctx)
  end
  return { 'raced' }
end
jobs.update(ctx, id, meta, { attempts = (tonumber(meta.attempts) or 0) + 1, effective_until = '', pending_charge = '', crashes = 0,
  expires_at = answer.expires_at })
ending.end_job(ctx, id, meta, 'done', answer)
if answer.already_paid == '1' then note_already_paid() end
for surplus in string.gmatch(answer.surplus or '', '%S+') do follow_ups.expire_surplus(ctx, id, answer.external_id, surplus) end
return { 'done' }
