-- What a claim hands over: what a worker needs of the record, the bill as it is stored, and the state it leaves behind in
-- case it is lost.
-- `claimer`: worker, fingerprint, mode, seen, held.
-- needs: base, settings, records, moves, pace, breaker, identity, jobs, reads, recheck
local handover = {}

-- What a worker needs of a job's record, as a list of field, value, ...; what few jobs have stands behind the rest.
local rare = { 'first_sent', 'crashes', 'touched', 'rechecked', 'traceparent', 'warnings', 'expire_id' }
local function told_of(meta)
  local list = { 'status', meta.status, 'attempts', meta.attempts or '0', 'max_attempts', meta.max_attempts or '1', 'external_id', meta.external_id or '',
    'request', meta.request or '', 'origin', meta.origin or '', 'creates', meta.creates or '0' }
  local last = #list
  for i = 1, #rare do
    local value = meta[rare[i]]
    if value then
      list[last + 1], list[last + 2] = rare[i], value
      last = last + 2
    end
  end
  return list
end

-- Returns one grant of a reply: kind, claim token, id, data, record (a flat list), bill as it is stored, user_id.
local function granted(ctx, kind, claim_token, id, data, record, external_id)
  local bill = base.is_set(external_id) and base.text(ctx.bill_key(external_id))
  return { kind, claim_token, id, data, record, bill or '', ctx.identity.user_id or '' }
end

-- A request that no job pays for: it shows whose the key is, or whether Xendit answers this worker.
function handover.probe(claim_token)
  return { 'probe', claim_token, 'probe', '{}', { 'attempts', '0', 'max_attempts', '1', 'status', 'Running' }, '', '' }
end

function handover.reply(ctx, list, rest_us)
  return { 'claimed', base.int(pace.send_within_us(ctx)), base.int(settings.number(ctx, 'request_timeout_ms')), list, base.int(rest_us) }
end

local function claim_follow_up(ctx, id, claim_token, worker)
  local name = ctx.key_of('follow_up:', id)
  redis.call('ZADD', ctx.key('follow_ups'), base.int(ctx.now_ms + settings.number(ctx, 'lease_ms')), id)
  local record = redis.call('HGETALL', name)
  local follow_up = records.fields_of(record)
  redis.call('HSET', name, 'claim_token', claim_token, 'locked_by', worker)
  local data = redis.call('HGET', ctx.key('data'), follow_up.job or '') or base.is_set(follow_up.asked) and follow_up.asked or '{}'
  return granted(ctx, 'follow_up', claim_token, id, data, record, follow_up.external_id)
end

-- What it has of a job's record is as if there were one.
local function claim_read(ctx, id, claim_token)
  local record = reads.take(ctx, id, claim_token)
  for _, text in ipairs({ 'attempts', '0', 'max_attempts', '1', 'status', 'Running' }) do record[#record + 1] = text end
  return granted(ctx, 'read', claim_token, id, '{}', record)
end

local function claim_job(ctx, id, meta, claimer, claim_token)
  local fields = { claim_token = claim_token, locked_by = claimer.worker, locked_at = math.floor(ctx.now_ms / 1000), claimed_at = ctx.now_ms,
    previous_effective_until = meta.effective_until or '' }
  if base.is_set(meta.effective_until) then
    -- A clock that stepped back cannot make an effect later than one time-out from now.
    local latest = ctx.now_ms + settings.number(ctx, 'request_timeout_ms') + math.ceil(pace.send_within_us(ctx) / 1000)
    fields.effective_until = math.min(tonumber(meta.effective_until), latest)
  end
  if meta.request == 'create' then
    fields.effective_until = ctx.now_ms + math.ceil(pace.send_within_us(ctx) / 1000) + settings.number(ctx, 'request_timeout_ms')
    fields.creates = (tonumber(meta.creates) or 0) + 1
    if not base.is_set(meta.first_sent) then fields.first_sent = ctx.now_ms end
    identity.note_first_create(ctx, claimer.fingerprint)
  end
  jobs.leave_place(ctx, id, meta)
  moves.put(ctx, 'leases', id, base.int(ctx.now_ms + settings.number(ctx, 'lease_ms')))
  jobs.set_state(ctx, id, 'running', fields)
  if breaker.has_suspects(ctx) and redis.call('ZSCORE', ctx.key('suspects'), id) then redis.call('ZADD', ctx.key('suspects'), base.int(ctx.now_ms), id) end
  return granted(ctx, 'job', claim_token, id, redis.call('HGET', ctx.key('data'), id) or '{}', told_of(meta), meta.external_id)
end

-- Returns one grant of a reply, for a candidate of the `turn`.
function handover.claim(ctx, candidate, claimer, claim_token)
  if candidate.kind == 'probe' then return handover.probe(claim_token) end
  if candidate.kind == 'follow_up' then return claim_follow_up(ctx, candidate.id, claim_token, claimer.worker) end
  if candidate.kind == 'read' then return claim_read(ctx, candidate.id, claim_token) end
  recheck.apply(ctx, candidate.id, candidate.meta)
  return claim_job(ctx, candidate.id, candidate.meta, claimer, claim_token)
end

return handover
