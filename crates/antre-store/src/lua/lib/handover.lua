-- What a claim hands over: the record in apalis-redis' form, and the state it leaves behind in case it is lost.
-- `claimer`: claim token, worker, fingerprint, mode, seen, held.
-- needs: base, settings, pace, identity, jobs, recheck
local handover = {}

local function record_of(name, id, extra)
  local record = redis.call('HGETALL', name)
  table.insert(record, 1, id)
  for field, value in pairs(extra) do
    record[#record + 1] = field
    record[#record + 1] = value or ''
  end
  return record
end

-- What the handler needs of the bill to read Xendit's list.
local function bill_fields(ctx, external_id)
  local bill = base.read_hash(ctx.bill_key(external_id))
  return { ['bill.closed_invoices'] = bill.closed_invoices or '', ['bill.first_sent'] = bill.first_sent or '', ['bill.invoice_id'] = bill.invoice_id or '',
    ['bill.job'] = bill.job or '', ['bill.origin'] = bill.origin or '', ['bill.closed_before'] = bill.closed_before or '',
    ['bill.recheck'] = base.is_set(bill.former) and '1' or '', ['bill.user_id'] = ctx.identity.user_id or '' }
end

function handover.reply(ctx, kind, data, record)
  return { 'claimed', kind, base.int(pace.send_within_us(ctx)), base.int(settings.number(ctx, 'request_timeout_ms')), data, record }
end

-- A request that no job pays for: it shows whose the key is, or whether Xendit answers this worker.
function handover.probe(claim_token)
  return { '{}' }, { { 'probe', 'claim_token', claim_token, 'attempts', '0', 'max_attempts', '1', 'status', 'Running' } }
end

local function claim_follow_up(ctx, id, claim_token, worker)
  local name = ctx.key('follow_up:' .. id)
  redis.call('ZADD', ctx.key('follow_ups'), base.int(ctx.now_ms + settings.number(ctx, 'lease_ms')), id)
  base.write_hash(name, { claim_token = claim_token, locked_by = worker })
  local follow_up = base.read_hash(name)
  local data = redis.call('HGET', ctx.key('data'), follow_up.job or '') or '{}'
  return { data }, { record_of(name, id, bill_fields(ctx, follow_up.external_id or '')) }
end

local function claim_job(ctx, id, meta, claimer)
  local fields = { claim_token = claimer.claim_token, locked_by = claimer.worker, locked_at = math.floor(ctx.now_ms / 1000), claimed_at = ctx.now_ms,
    rechecked = meta.rechecked or '', request = meta.request, last_create = meta.last_create or '', previous_effective_until = meta.effective_until or '' }
  if base.is_set(meta.effective_until) then
    -- A clock that stepped back cannot make an effect later than one time-out from now.
    local latest = ctx.now_ms + settings.number(ctx, 'request_timeout_ms') + math.ceil(pace.send_within_us(ctx) / 1000)
    fields.effective_until = math.min(tonumber(meta.effective_until), latest)
  end
  if meta.request == 'create' then
    fields.effective_until = ctx.now_ms + math.ceil(pace.send_within_us(ctx) / 1000) + settings.number(ctx, 'request_timeout_ms')
    fields.creates = (tonumber(meta.creates) or 0) + 1
    local bill = ctx.bill_key(meta.external_id)
    if not base.is_set(redis.call('HGET', bill, 'first_sent')) then redis.call('HSET', bill, 'first_sent', base.int(ctx.now_ms)) end
    identity.note_first_create(ctx, claimer.fingerprint)
  end
  base.event(ctx, 'started', id, meta.request)
  jobs.leave_place(ctx, id, meta)
  redis.call('ZADD', ctx.key('leases'), base.int(ctx.now_ms + settings.number(ctx, 'lease_ms')), id)
  jobs.set_state(ctx, id, 'running', fields)
  if redis.call('ZSCORE', ctx.key('suspects'), id) then redis.call('ZADD', ctx.key('suspects'), base.int(ctx.now_ms), id) end
  return { redis.call('HGET', ctx.key('data'), id) or '{}' }, { record_of(ctx.meta_key(id), id, bill_fields(ctx, meta.external_id)) }
end

function handover.claim(ctx, candidate, claimer)
  if candidate.kind == 'probe' then return handover.reply(ctx, 'probe', handover.probe(claimer.claim_token)) end
  if candidate.kind == 'follow_up' then return handover.reply(ctx, 'follow_up', claim_follow_up(ctx, candidate.id, claimer.claim_token, claimer.worker)) end
  recheck.apply(ctx, candidate.id, candidate.meta)
  return handover.reply(ctx, 'job', claim_job(ctx, candidate.id, candidate.meta, claimer))
end

return handover
