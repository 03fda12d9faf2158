-- The one way a job ends, whatever state it was in.
-- needs: base, job, chore, result, ending, bill_end
local function end_job(id, meta, state, end_fields)
  leave_place(id, meta)
  record_end(id, state, end_fields)
  if state == 'cancelled' then
    redis.call('EXPIRE', meta_key(id), retention_s(state))
    redis.call('HDEL', key('data'), id)
  else
    redis.call('ZADD', key(state), int(now_ms), id)
  end
  if is_set(meta.external_id) then record_bill_end(id, meta, state, end_fields) end
  publish_result(id, meta, state, end_fields)
  end_duplicates(id, state, end_fields)
  redis.call('ZREM', key('suspects'), id)
  count(state)
  count_minute(state)
  count_batch(meta.batch, state)
  if meta.state == 'dead' then count_batch(meta.batch, 'dead', -1) end
  -- A refusal is taken to mean that nothing was made; an audit costs little where that should be wrong.
  local is_doubtful = (tonumber(meta.creates) or 0) > 1 or is_set(meta.touched)
  if state == 'done' and is_doubtful then audit_later(id, meta.external_id) end
end

-- Uses one attempt. Returns whether the job is dead by it, with the error of its last create.
local function use_attempt(id, meta, fields)
  local attempts = (tonumber(meta.attempts) or 0) + 1
  fields.attempts, fields.tries, fields.pending_charge = attempts, 0, ''
  meta.attempts = int(attempts)
  count('attempts')
  if attempts < (tonumber(meta.max_attempts) or 1) then return false end
  write_hash(meta_key(id), fields)
  end_job(id, meta, 'dead', { error_code = meta.error_code, error_message = meta.error_message, error_status = meta.error_status,
    response = meta.error_response, warnings = meta.warnings })
  return true
end
