-- A job's place and record. A living job is in exactly one of: its priority's set, `scheduled`, `leases`.
-- `effective_until` is set while a create of the job may have had an effect that nobody has seen yet.
-- needs: base, records, readiness, moves
local jobs = {}

jobs.apalis_status = {
  waiting = 'Pending', scheduled = 'Pending', running = 'Running',
  done = 'Done', dead = 'Failed', cancelled = 'Killed',
}

jobs.priorities = { 'high', 'normal', 'low' }

-- Returns the job's record; only `set` changes it.
function jobs.read(ctx, id) return records.read(ctx, ctx.meta_key(id)) end

function jobs.set(ctx, id, fields) records.set(ctx, ctx.meta_key(id), fields) end

-- `fields`: a list of names.
function jobs.clear(ctx, id, fields) records.clear(ctx, ctx.meta_key(id), fields) end

function jobs.set_state(ctx, id, state, fields)
  fields = fields or {}
  fields.state, fields.status = state, jobs.apalis_status[state]
  jobs.set(ctx, id, fields)
end

function jobs.leave_place(ctx, id, meta)
  local state = meta.state
  if state == 'waiting' then moves.leave(ctx, meta.priority, id)
  elseif state == 'running' then moves.leave(ctx, 'leases', id)
  elseif state == 'scheduled' or state == 'done' or state == 'dead' then moves.leave(ctx, state, id) end
end

-- A ready time that a clock ahead of this one gave would keep the job back until then.
local ready_tolerated_us = 1000000
function jobs.to_waiting(ctx, id, meta, fields)
  jobs.leave_place(ctx, id, meta)
  fields = fields or {}
  if (tonumber(meta.ready_us) or 0) > ctx.now_us + ready_tolerated_us then
    fields.ready_us = base.int(readiness.next_us(ctx))
  end
  moves.put(ctx, meta.priority, id, fields.ready_us or meta.ready_us)
  jobs.set_state(ctx, id, 'waiting', fields)
end

function jobs.to_scheduled(ctx, id, meta, due_ms, fields)
  jobs.leave_place(ctx, id, meta)
  moves.put(ctx, 'scheduled', id, base.int(due_ms))
  jobs.set_state(ctx, id, 'scheduled', fields)
end

-- Nothing is kept of an ended job; whoever waits for the result may take it for another `result_s`.
function jobs.forget(ctx, id, state, result_s)
  records.delete(ctx, ctx.meta_key(id))
  redis.call('HDEL', ctx.key('data'), id)
  moves.leave(ctx, state, id)
  redis.call('EXPIRE', ctx.key_of('result:', id), result_s)
end

function jobs.count_waiting(ctx)
  local total = redis.call('ZCARD', ctx.key('scheduled'))
  for _, priority in ipairs(jobs.priorities) do total = total + redis.call('ZCARD', ctx.key(priority)) end
  return total
end

function jobs.holds_token(meta, claim_token)
  return meta.state == 'running' and meta.claim_token == claim_token
end

local of_a_claim = { 'claim_token', 'locked_by', 'locked_at' }
function jobs.drop_token(ctx, id) jobs.clear(ctx, id, of_a_claim) end

-- Back to what a claim found: the request of this claim had no effect.
function jobs.restored(meta)
  local fields = { effective_until = meta.previous_effective_until or '' }
  if meta.request == 'create' then fields.creates = math.max(0, (tonumber(meta.creates) or 0) - 1) end
  return fields
end

-- The same for a request that reached Xendit and was refused. A refusal may be wrong about that: the bill's next
-- job begins with a look-up, and once it is done it is audited.
function jobs.refused_request(meta)
  local fields = jobs.restored(meta)
  if meta.request == 'create' then fields.touched = '1' end
  return fields
end

return jobs
