-- What an inbox entry becomes when it does not become a job of its own: dead or cancelled at once, or a duplicate.
-- needs: base, notices, records, moves, commands, jobs, new_jobs, ending
local intake = {}

local lower_than = { high = 3, normal = 2, low = 1 }
local day_ms = 24 * 3600 * 1000

local function end_at_once(ctx, id, entry, state, end_fields)
  local meta = { external_id = entry.external_id or '', amount = entry.amount or '', currency = entry.currency or '', batch = entry.batch or '',
    reference = entry.reference or '', priority = base.is_set(entry.priority) and entry.priority or 'normal', attempts = '0',
    max_attempts = base.is_set(entry.max_attempts) and entry.max_attempts or '1', accepted_at = base.int(ctx.now_ms) }
  records.begin(ctx, ctx.meta_key(id), meta)
  ending.end_job(ctx, id, jobs.read(ctx, id), state, end_fields)
end

function intake.kill(ctx, id, entry, code, message)
  end_at_once(ctx, id, entry, 'dead', { error_code = code, error_message = message })
  base.event(ctx, 'rejected', id, code)
end

-- It was cancelled before it was taken in.
function intake.cancel(ctx, id, entry)
  end_at_once(ctx, id, entry, 'cancelled', {})
  base.event(ctx, 'cancelled', id)
end

-- The first one is told of those that wait for it; a more important submission lifts it, and a bill that is submitted
-- again is wanted again.
local function join(ctx, first, id, priority)
  local meta = jobs.read(ctx, first)
  if not meta.state then return end
  jobs.set(ctx, first, { has_duplicates = '1' })
  if base.is_set(meta.cancelled_by) then jobs.set(ctx, first, { cancelled_by = commands.overrule(ctx, meta.cancelled_by, id) }) end
  if (lower_than[meta.priority] or 9) >= lower_than[priority] then return end
  if meta.state == 'waiting' then
    moves.leave(ctx, meta.priority, first)
    moves.put(ctx, priority, first, meta.ready_us)
  end
  jobs.set(ctx, first, { priority = priority })
end

-- What a duplicate of a done bill is told: the first job's warnings, and how long ago that was. Perhaps it was meant to
-- be a new bill under an old name.
local function remarks_on(ctx, bill, id)
  local first = jobs.read(ctx, bill.job)
  local warnings, ended_ms = first.warnings or '[]', tonumber(first.ended_at)
  local days = ended_ms and math.floor((ctx.now_ms - ended_ms) / day_ms)
  if days and days < 1 then return warnings end
  notices.tell(ctx, 'billed_before', id)
  local remark = cjson.encode({ code = 'billed_before', field = 'invoice.external_id', message =
    'names a bill that was done ' .. (days and base.int(days) .. ' day(s)' or 'long') .. ' ago with invoice '
    .. (bill.invoice_id or '') .. '; nothing new is billed: a new bill needs an external_id of its own' })
  return string.gsub(string.sub(warnings, 1, -2) .. ',' .. remark .. ']', '^%[,', '[')
end

function intake.follow(ctx, id, entry, bill)
  local first = bill.job
  local list = ctx.key_of('duplicates:', first)
  if bill.state == 'open' and redis.call('LLEN', list) >= ending.duplicates_max then
    return intake.kill(ctx, id, entry, 'too_many_duplicates', ending.duplicates_max .. ' duplicates wait for job ' .. first .. ' already')
  end
  base.count(ctx, 'duplicates')
  base.count_batch(ctx, entry.batch, 'duplicates')
  base.event(ctx, 'duplicate', id, first)
  new_jobs.write(ctx, id, 'waiting', entry, { 'duplicate_of', first })
  redis.call('RPUSH', list, id)
  if bill.state == 'open' then
    join(ctx, first, id, entry.priority)
  else
    redis.call('LTRIM', list, -ending.duplicates_max, -1)
    redis.call('EXPIRE', list, ending.retention_s(ctx, 'done'))
    ending.end_duplicate(ctx, id, 'done', { invoice_id = bill.invoice_id, invoice_url = bill.invoice_url,
      expiry_date = bill.expiry_date, warnings = (remarks_on(ctx, bill, id)) }, bill)
  end
end

return intake
