-- Chores: small work that finish leaves behind, `expire` a surplus invoice or `audit` a bill.
-- `chores` holds every chore; score = due (ms). A running chore's score is its lease end, so a lost one returns by itself.
-- needs: base, pacer
local audit_late_ms = 15 * 60 * 1000
local past_max = 20

local function add_chore(chore, due_ms, fields)
  if redis.call('ZADD', key('chores'), 'NX', int(due_ms), chore) == 0 then return end
  fields.attempts, fields.max_attempts, fields.status = 0, 25, 'Pending'
  write_hash(key('chore:' .. chore), fields)
end

-- Returns the ids with `invoice` as the last one; the oldest give way, since those that are older expired long ago.
local function with_past(past, invoice)
  if not is_set(invoice) then return past or '' end
  local ids = {}
  for id in string.gmatch(past or '', '%S+') do ids[#ids + 1] = id end
  ids[#ids + 1] = invoice
  return table.concat(ids, ' ', math.max(1, #ids - past_max + 1))
end

-- Invoices in `past` are never adopted again unless they were paid. Returns whether this one is new there.
local function remember_past(external_id, invoice)
  local name = bill_key(external_id)
  local past = redis.call('HGET', name, 'past') or ''
  if string.find(' ' .. past .. ' ', ' ' .. invoice .. ' ', 1, true) then return false end
  redis.call('HSET', name, 'past', with_past(past, invoice))
  return true
end

local function expire_surplus(job, external_id, invoice)
  if redis.call('HGET', bill_key(external_id), 'invoice_id') == invoice then return end
  local is_news = remember_past(external_id, invoice)
  add_chore('expire-' .. invoice, now_ms, { kind = 'expire', job = job, external_id = external_id, invoice_id = invoice })
  wake()
  -- Look-ups go on finding it until it is expired.
  if not is_news then return end
  event('surplus', job, invoice)
  count('surplus')
end

-- More than one create may have been sent for this bill: look again when the last could have had its effect.
local function audit_later(job, external_id)
  local settle = setting('settle_unanswered_ms') + setting('request_timeout_ms')
  add_chore('audit-1-' .. job, now_ms + settle, { kind = 'audit', job = job, external_id = external_id })
  add_chore('audit-2-' .. job, now_ms + audit_late_ms, { kind = 'audit', job = job, external_id = external_id })
end
