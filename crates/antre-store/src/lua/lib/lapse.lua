-- Bounded portions of what time made ready: scheduled jobs that are due, and leases that ran out.
-- needs: base, notices, settings, jobs, ending
local lapse = {}

local portion = 100
local crashes_max = 3

-- A lease ran out: whatever its worker did last is unknown, so the next request is a look-up. A job that was lost once
-- is claimed alone from then on, so the losses after the first are evidence about this job only.
local function lapse_lease(ctx, id)
  local meta = jobs.read(ctx, id)
  if meta.state ~= 'running' then return redis.call('ZREM', ctx.key('leases'), id) end
  local crashes = (tonumber(meta.crashes) or 0) + 1
  base.count(ctx, 'lapsed')
  base.event(ctx, 'lapsed', id, meta.request)
  notices.tell(ctx, 'leases_lost', meta.locked_by or '')
  jobs.drop_token(ctx, id)
  if crashes > crashes_max and meta.request ~= 'create' then
    jobs.set(ctx, id, { crashes = crashes })
    return ending.end_job(ctx, id, meta, 'dead', { error_code = 'crash_loop',
      error_message = 'its worker died under it ' .. base.int(crashes) .. ' times in a row, the last ' .. base.int(crashes_max)
        .. ' while it ran alone; an invoice may exist: look before retrying' })
  end
  local fields = { request = 'lookup', crashes = crashes, last_create = 'unanswered' }
  if crashes == 1 then return jobs.to_waiting(ctx, id, meta, fields) end
  -- Others go first, so that whoever kills workers at random does not meet the same job each time.
  jobs.to_scheduled(ctx, id, meta, ctx.now_ms + settings.retry_delay_ms(ctx, crashes - 1), fields)
end

-- Returns whether more is due than one portion.
function lapse.promote_due(ctx)
  local due = redis.call('ZRANGE', ctx.key('scheduled'), '-inf', base.int(ctx.now_ms), 'BYSCORE', 'LIMIT', 0, portion)
  for _, id in ipairs(due) do
    local meta = jobs.read(ctx, id)
    if meta.state == 'scheduled' then jobs.to_waiting(ctx, id, meta) else redis.call('ZREM', ctx.key('scheduled'), id) end
  end
  local lapsed = redis.call('ZRANGE', ctx.key('leases'), '-inf', base.int(ctx.now_ms), 'BYSCORE', 'LIMIT', 0, portion)
  for _, id in ipairs(lapsed) do lapse_lease(ctx, id) end
  return #due == portion or #lapsed == portion
end

-- Returns the wait (ms) until something is due by itself, or -1.
function lapse.next_due_ms(ctx)
  local earliest = -1
  for _, place in ipairs({ ctx.key('scheduled'), ctx.key('leases'), ctx.key('follow_ups') }) do
    local head = redis.call('ZRANGE', place, 0, 0, 'WITHSCORES')
    if head[2] then
      local wait = math.max(0, tonumber(head[2]) - ctx.now_ms)
      if earliest < 0 or wait < earliest then earliest = wait end
    end
  end
  return earliest
end

return lapse
