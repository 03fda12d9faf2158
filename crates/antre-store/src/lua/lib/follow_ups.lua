-- Follow-ups: small work that finish leaves behind, `expire` a surplus invoice or `audit` a bill.
-- `follow_ups` holds every follow-up; score = due (ms). A running follow-up's score is its lease end, so a lost one returns by itself.
-- needs: base, claimers, settings, commands, bill_records, bills
local follow_ups = {}

local audit_late_ms = 15 * 60 * 1000

function follow_ups.add(ctx, follow_up, due_ms, fields)
  if redis.call('ZADD', ctx.key('follow_ups'), 'NX', base.int(due_ms), follow_up) == 0 then return end
  local record = { 'HSET', ctx.key_of('follow_up:', follow_up), 'attempts', 0, 'max_attempts', 25, 'status', 'Pending' }
  for field, value in pairs(fields) do
    record[#record + 1] = field
    record[#record + 1] = value
  end
  redis.call(unpack(record))
end

-- The end of this follow-up is the end of what `waiting` (ids of cancels) waits for. Returns nothing if it is not there.
function follow_ups.wait_for(ctx, follow_up, waiting)
  if not redis.call('ZSCORE', ctx.key('follow_ups'), follow_up) then return nil end
  local name = ctx.key_of('follow_up:', follow_up)
  local known, word = redis.call('HGET', name, 'cancelled_by') or '', 'known'
  for id in string.gmatch(waiting, '%S+') do
    if not commands.is_among(known, id) then known, word = commands.with(known, id), 'resolving' end
  end
  redis.call('HSET', name, 'cancelled_by', known)
  return word
end

function follow_ups.expire_surplus(ctx, job, external_id, invoice)
  if (bill_records.read(ctx, external_id) or {}).invoice_id == invoice then return end
  local is_news = bills.remember_closed(ctx, external_id, invoice)
  follow_ups.add(ctx, 'expire-' .. invoice, ctx.now_ms, { kind = 'expire', job = job, external_id = external_id, invoice_id = invoice })
  claimers.wake_one(ctx)
  -- Look-ups go on finding it until it is expired.
  if not is_news then return end
  base.event(ctx, 'surplus', job, invoice)
  base.count(ctx, 'surplus')
end

-- More than one create may have been sent for this bill: look again when the last could have had its effect.
function follow_ups.audit_later(ctx, job, external_id)
  local trust_ms = settings.number(ctx, 'trust_absence_unanswered_ms') + settings.number(ctx, 'request_timeout_ms')
  follow_ups.add(ctx, 'audit-1-' .. job, ctx.now_ms + trust_ms, { kind = 'audit', job = job, external_id = external_id })
  follow_ups.add(ctx, 'audit-2-' .. job, ctx.now_ms + audit_late_ms, { kind = 'audit', job = job, external_id = external_id })
end

return follow_ups
