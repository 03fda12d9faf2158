#!lua flags=allow-oom
-- A create was answered with an invoice, or a look-up found the job's invoice.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  job id
-- ARGV[2]  fence of the claim
-- ARGV[3]  Rate-Limit-Remaining or ''
-- ARGV[4]  Rate-Limit-Limit or ''
-- ARGV[5]  Rate-Limit-Reset in microseconds or ''
-- ARGV[6]  JSON object of strings: outcome (created | adopted), external_id, invoice_id, invoice_url, expiry_date,
--          expires_at [Unix ms], user_id, response, warnings [JSON texts], is_paid ('1' or ''), already_paid ('1': paid before
--          this job asked for it, or ''), surplus [ids, blank between]
-- ARGV[7]  worker name
-- Replies  { done } | { surplus } the invoice is to be expired | { same } known already | { raced } look again | { ignored }
-- needs: base, pacer, judge, job, chore, bill_end, finish, observe, evidence, restore
local id, fence, remaining, limit, reset_us, answer, worker = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], cjson.decode(ARGV[6]), ARGV[7]

if answer.outcome ~= 'created' and answer.outcome ~= 'adopted' then return redis.error_reply('ERR unknown outcome') end
observe_quota(fence, remaining, limit, reset_us)
note_sent()
if answer.outcome == 'created' then
  note_success(worker)
  set_pacer({ successes = pacer_number('successes') + 1, rejections = 0 })
else
  note_answered(worker)
end

learn_user_id(answer.user_id)
local meta = read_hash(meta_key(id))
local bill = read_hash(bill_key(answer.external_id))

-- An invoice that is being expired must not be delivered, unless its customer paid it meanwhile.
local function is_past()
  return answer.is_paid ~= '1' and string.find(' ' .. (bill.past or '') .. ' ', ' ' .. answer.invoice_id .. ' ', 1, true)
end

local function unwanted()
  if answer.outcome == 'adopted' then return { 'ignored' } end
  expire_surplus(id, answer.external_id, answer.invoice_id)
  return { 'surplus' }
end

if meta.invoice_id == answer.invoice_id and meta.state == 'done' then return { 'same' } end
if bill.job ~= id or not meta.state or meta.state == 'done' or meta.state == 'cancelled' then return unwanted() end
-- So may an invoice just made be, if an audit of the bill found it before its answer came.
if is_past() then
  if holds_fence(meta, fence) then
    drop_fence(id)
    to_scheduled(id, meta, now_ms + retry_delay_ms(meta, 1), { step = 'lookup' })
    wake()
  end
  return { 'raced' }
end
meta.attempts, meta.effective_until = int((tonumber(meta.attempts) or 0) + 1), ''
write_hash(meta_key(id), { attempts = meta.attempts, effective_until = '', pending_charge = '', crashes = 0, expires_at = answer.expires_at })
end_job(id, meta, 'done', answer)
if answer.already_paid == '1' then note_already_paid(id, answer.invoice_id) end
for surplus in string.gmatch(answer.surplus or '', '%S+') do expire_surplus(id, answer.external_id, surplus) end
return { 'done' }
