-- What a look-up that fails means for its job.
-- needs: base, job, finish, after
local own_failures_max = 8

-- While others get their answers, a look-up that fails is this job's own trouble: it waits longer each time and then
-- ends. Whether it has an invoice stays open, and the bill's next job looks first.
function after.lookup_failed(c)
  if not c.is_own then return again_after_delay(c, { step = 'lookup' }) end
  local own = (tonumber(c.meta.own_failures) or 0) + 1
  local fields = { step = 'lookup', own_failures = own }
  if own < own_failures_max then return again_after_delay(c, fields, own_delay_ms(own)) end
  fields.touched, c.meta.touched = '1', '1'
  write_hash(meta_key(c.id), fields)
  end_job(c.id, c.meta, 'dead', { error_code = 'lookup_refused', warnings = c.meta.warnings,
    error_message = 'its look-up failed ' .. own_failures_max .. ' times while others were answered (' .. (c.answer.code or '')
      .. '); an invoice may exist: look at Xendit, then retry or discard' })
  return 'dead'
end
