-- The one way a job ends, whatever state it was in, with its duplicates and its bill.
-- needs: base, settings, records, moves, breaker, commands, jobs, bill_records, bills, follow_ups, results
local ending = {}

ending.duplicates_max = 100

-- The link stands in the result: a record with a longer value than 64 bytes takes Redis twice the room.
local of_a_life = { 'claim_token', 'locked_by', 'locked_at', 'invoice_id', 'error_code', 'error_message', 'error_status', 'error_response',
  'warnings', 'cancelled_by' }
local function record_end(ctx, id, state, end_fields)
  local warnings = end_fields.warnings
  jobs.clear(ctx, id, of_a_life)
  jobs.set_state(ctx, id, state, { ended_at = ctx.now_ms, invoice_id = end_fields.invoice_id, error_code = end_fields.error_code,
    error_message = end_fields.error_message, error_status = end_fields.error_status, warnings = warnings ~= '[]' and warnings or nil })
end

function ending.retention_s(ctx, state)
  return math.floor(settings.number(ctx, state == 'dead' and 'retention_dead_ms' or 'retention_done_ms') / 1000)
end

-- What is in no set goes by itself when its time is over; all else goes by the sweep.
local function expire(ctx, id, state)
  local retention_s = ending.retention_s(ctx, state)
  records.expire(ctx, ctx.meta_key(id), retention_s)
  redis.call('EXPIRE', ctx.key_of('result:', id), retention_s)
end

-- `bill`: the duplicate's bill as it is now.
function ending.end_duplicate(ctx, id, state, end_fields, bill)
  record_end(ctx, id, state, end_fields)
  results.publish(ctx, id, jobs.read(ctx, id), state, end_fields, bill)
  expire(ctx, id, state)
end

function ending.end_duplicates(ctx, id, state, end_fields, bill)
  local list = ctx.key_of('duplicates:', id)
  local duplicates = redis.call('LRANGE', list, 0, ending.duplicates_max - 1)
  if #duplicates == 0 then return end
  for _, duplicate in ipairs(duplicates) do ending.end_duplicate(ctx, duplicate, state, end_fields, bill) end
  -- A dead job may be revived and a done one relinked: then its duplicates want to hear of that as well.
  redis.call('EXPIRE', list, ending.retention_s(ctx, state))
end

-- Returns the bill as it is then; another program may have put something else there.
local function close_bill(ctx, id, meta, state, end_fields)
  local bill = base.is_set(meta.external_id) and bill_records.read(ctx, meta.external_id)
  if not bill or bill.job ~= id then return bill end
  -- One that another server may have sent has no creates here.
  local effective_until = end_fields.effective_until or meta.effective_until
  bills.close(ctx, meta.external_id, bill, state, { invoice_id = end_fields.invoice_id, invoice_url = end_fields.invoice_url,
    expiry_date = end_fields.expiry_date, expires_at = end_fields.expires_at,
    effective_until = effective_until, first_sent = meta.first_sent,
    is_sent = (tonumber(meta.creates) or 0) > 0 or base.is_set(meta.touched) or base.is_set(effective_until) or state == 'done' })
  return bill
end

-- What a cancel that waits for the job's end is told: a done one was paid before it could be expired.
local of_cancel = { cancelled = 'cancelled', done = 'paid', dead = 'too_late' }

-- `end_fields`: those of a result, expires_at, and effective_until where the record has another one by now.
function ending.end_job(ctx, id, meta, state, end_fields)
  local was_dead, cancelled_by = meta.state == 'dead', meta.cancelled_by
  jobs.leave_place(ctx, id, meta)
  record_end(ctx, id, state, end_fields)
  if state == 'cancelled' then redis.call('HDEL', ctx.key('data'), id)
  else moves.put(ctx, state, id, base.int(ctx.now_ms)) end
  local bill = close_bill(ctx, id, meta, state, end_fields)
  results.publish(ctx, id, meta, state, end_fields, bill)
  if state == 'cancelled' then expire(ctx, id, state) end
  if base.is_set(meta.has_duplicates) then ending.end_duplicates(ctx, id, state, end_fields, bill) end
  if breaker.has_suspects(ctx) then redis.call('ZREM', ctx.key('suspects'), id) end
  base.count(ctx, state)
  base.count_minute(ctx, state)
  base.count_batch(ctx, meta.batch, state)
  if cancelled_by then commands.resolve(ctx, cancelled_by, of_cancel[state]) end
  if was_dead then base.count_batch(ctx, meta.batch, 'dead', -1) end
  -- A refusal is taken to mean that nothing was made; an audit costs little where that should be wrong.
  local is_doubtful = (tonumber(meta.creates) or 0) > 1 or base.is_set(meta.touched)
  if state == 'done' and is_doubtful then follow_ups.audit_later(ctx, id, meta.external_id) end
end

return ending
