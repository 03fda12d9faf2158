-- The record of a job that is new: it is written at once, since there is none to compare it with.
-- needs: base, jobs
local new_jobs = {}

-- What an entry may have.
local optional = { 'currency', 'batch', 'reference', 'run_at', 'check_first', 'traceparent' }

-- `own`: field, value, ... besides those that an entry gives, none of them empty.
function new_jobs.write(ctx, id, state, entry, own)
  local record = { 'HSET', ctx.meta_key(id), 'state', state, 'status', jobs.apalis_status[state], 'external_id', entry.external_id,
    'amount', entry.amount, 'priority', entry.priority, 'attempts', '0', 'max_attempts', entry.max_attempts,
    'accepted_at', base.int(ctx.now_ms), unpack(own) }
  local last = #record
  for _, field in ipairs(optional) do
    local value = entry[field]
    if base.is_set(value) then
      record[last + 1], record[last + 2] = field, value
      last = last + 2
    end
  end
  redis.call(unpack(record))
end

return new_jobs
