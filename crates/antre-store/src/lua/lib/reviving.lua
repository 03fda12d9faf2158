-- A dead job comes back with a full budget.
-- needs: base, records, readiness, jobs, bill_records, bills, ending
local reviving = {}

-- Returns revived | unknown | not_dead | unchangeable (it never became a job of its own) | replaced. `own`: fields besides.
function reviving.revive(ctx, id, own)
  local meta = jobs.read(ctx, id)
  if not meta.state then return 'unknown' end
  if meta.state ~= 'dead' or base.is_set(meta.duplicate_of) then return 'not_dead' end
  if not base.is_set(meta.origin) then return 'unchangeable' end
  local bill = bill_records.read(ctx, meta.external_id)
  if not bill or bill.job ~= id then return 'replaced' end
  bills.reopen(ctx, meta.external_id, bill)
  local has_sent = (tonumber(meta.creates) or 0) > 0 or base.is_set(meta.touched) or bill.sent == '1'
  local fields = { attempts = 0, tries = '', crashes = '', limited = '', refused_at = '', ended_at = '', ready_us = base.int(readiness.next_us(ctx)),
    pending_charge = '', error_code = '', error_message = '', error_status = '', lookup_failed_at = '', create_failed_at = '', own_failures = '',
    request = (has_sent or base.is_set(meta.check_first)) and 'lookup' or 'create' }
  if has_sent and not base.is_set(meta.effective_until) then
    fields.effective_until = base.is_set(bill.effective_until) and bill.effective_until or '1'
  end
  for field, value in pairs(own or {}) do fields[field] = value end
  redis.call('DEL', ctx.key_of('result:', id))
  jobs.to_waiting(ctx, id, meta, fields)
  for _, duplicate in ipairs(redis.call('LRANGE', ctx.key_of('duplicates:', id), 0, ending.duplicates_max - 1)) do
    redis.call('DEL', ctx.key_of('result:', duplicate))
    jobs.set_state(ctx, duplicate, 'waiting', { ended_at = '', error_code = '', error_message = '', error_status = '' })
    records.persist(ctx, ctx.meta_key(duplicate))
  end
  redis.call('PERSIST', ctx.key_of('duplicates:', id))
  base.count(ctx, 'revived')
  base.count_batch(ctx, meta.batch, 'dead', -1)
  base.event(ctx, 'revived', id)
  return 'revived'
end

return reviving
