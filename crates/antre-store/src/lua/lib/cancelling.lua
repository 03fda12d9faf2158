-- What a cancel does to a job: at once to what certainly has not been sent; to the rest only if no open invoice of the bill
-- may be left (`expire`). Then the job is marked (`cancelled_by`: ids of cancels), looked up, its invoice expired, and cancelled.
-- needs: base, commands, jobs, expiring, reviving, ending
local cancelling = {}

-- Returns whether a create of the job may have made an invoice that nobody has seen yet. A refusal may be wrong about that:
-- where no open invoice may be left, it is not believed.
local function is_doubtful(meta, expire)
  return meta.state == 'running' or base.is_set(meta.effective_until) or meta.request == 'expire' or (expire and base.is_set(meta.touched))
end

local function end_as_cancelled(ctx, id, meta)
  ending.end_job(ctx, id, meta, 'cancelled', {})
  base.event(ctx, 'cancelled', id)
end

local function end_at_once(ctx, id, meta, command_id, expire)
  end_as_cancelled(ctx, id, meta)
  -- The bill has the invoice again that it had before this job looked at it anew.
  if expire and base.is_set(meta.origin) and expiring.close_bill(ctx, meta.external_id, command_id) == 'resolving' then commands.count(ctx, command_id, 'resolving') end
  return 'cancelled'
end

local function cancel_dead(ctx, id, meta, command_id, expire)
  local has_sent = (tonumber(meta.creates) or 0) > 0 or base.is_set(meta.touched) or base.is_set(meta.effective_until)
  if not has_sent then return end_at_once(ctx, id, meta, command_id, expire) end
  if not expire then return 'too_late' end
  if reviving.revive(ctx, id, { cancelled_by = command_id }) == 'revived' then return 'resolving' end
  return expiring.close_bill(ctx, meta.external_id, command_id) or 'too_late'
end

-- It is looked up next, and in doubt until then.
local in_doubt = { request = 'lookup', effective_until = '1' }

local function mark(ctx, id, meta, command_id)
  if commands.is_among(meta.cancelled_by, command_id) then return 'known' end
  jobs.set(ctx, id, { cancelled_by = commands.with(meta.cancelled_by, command_id) })
  if meta.state ~= 'running' and meta.request == 'create' then jobs.set(ctx, id, in_doubt) end
  return 'resolving'
end

-- Returns what is counted: cancelled | resolving | expired | too_late | not_found; or `known`: it is counted already.
function cancelling.cancel(ctx, id, command_id, expire)
  local meta = jobs.read(ctx, id)
  if not meta.state then return 'not_found' end
  if base.is_set(meta.duplicate_of) and expire then return cancelling.cancel(ctx, meta.duplicate_of, command_id, true) end
  if meta.state == 'cancelled' then return expire and expiring.look_at_cancelled(ctx, id, meta, command_id) or 'cancelled' end
  if base.is_set(meta.duplicate_of) then return 'too_late' end
  if expiring.is_wanted_again(ctx, id, command_id) then return 'too_late' end
  if meta.state == 'done' then return expire and expiring.close_bill(ctx, meta.external_id, command_id) or 'too_late' end
  if meta.state == 'dead' then return cancel_dead(ctx, id, meta, command_id, expire) end
  if not is_doubtful(meta, expire) then return end_at_once(ctx, id, meta, command_id, expire) end
  return expire and mark(ctx, id, meta, command_id) or 'too_late'
end

-- A marked job's request had no effect, and none before it: it need not be looked up. Returns whether it is cancelled.
function cancelling.settle(ctx, id)
  local meta = jobs.read(ctx, id)
  local is_living = meta.state == 'waiting' or meta.state == 'scheduled'
  if not (is_living and base.is_set(meta.cancelled_by) and meta.request == 'create') then return false end
  if is_doubtful(meta, true) then
    jobs.set(ctx, id, in_doubt)
    return false
  end
  end_as_cancelled(ctx, id, meta)
  return true
end

return cancelling
