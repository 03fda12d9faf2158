-- What a claim hands over: the record in apalis-redis' form, and the state it leaves behind in case it is lost.
-- needs: base, pacer, identity, job
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
local function bill_fields(external_id)
  local bill = read_hash(bill_key(external_id))
  return { ['bill.past'] = bill.past or '', ['bill.first_sent'] = bill.first_sent or '', ['bill.invoice_id'] = bill.invoice_id or '',
    ['bill.job'] = bill.job or '', ['bill.origin'] = bill.origin or '', ['bill.closed_before'] = bill.closed_before or '',
    ['bill.recheck'] = is_set(bill.former) and '1' or '', ['bill.user_id'] = identity.user_id or '' }
end

local function claim_chore(id, fence, worker)
  local name = key('chore:' .. id)
  redis.call('ZADD', key('chores'), int(now_ms + setting('lease_ms')), id)
  write_hash(name, { fence = fence, locked_by = worker })
  local chore = read_hash(name)
  local data = redis.call('HGET', key('data'), chore.job or '') or '{}'
  return { data }, { record_of(name, id, bill_fields(chore.external_id or '')) }
end

-- A request that no job pays for: it shows whose the key is, or whether Xendit answers this worker.
local function claim_probe(fence)
  return { '{}' }, { { 'probe', 'fence', fence, 'attempts', '0', 'max_attempts', '1', 'status', 'Running' } }
end

-- From the first create on, keys that were only presumed to be the account's must show it: there is an invoice to show.
local function note_first_create(fingerprint)
  if is_set(identity.sent) then return end
  set_identity({ sent = '1' })
  if not is_set(identity.user_id) then forget_keys_but(fingerprint) end
end

local function claim_job(id, meta, claimer)
  local fields = { fence = claimer.fence, locked_by = claimer.worker, locked_at = math.floor(now_ms / 1000), claimed_at = now_ms,
    rechecked = meta.rechecked or '', step = meta.step, settle = meta.settle or '', previous_effective_until = meta.effective_until or '' }
  if is_set(meta.effective_until) then
    -- A clock that stepped back cannot make an effect later than one time-out from now.
    local latest = now_ms + setting('request_timeout_ms') + math.ceil(fence_us() / 1000)
    fields.effective_until = math.min(tonumber(meta.effective_until), latest)
  end
  if meta.step == 'create' then
    fields.effective_until = now_ms + math.ceil(fence_us() / 1000) + setting('request_timeout_ms')
    fields.creates = (tonumber(meta.creates) or 0) + 1
    local bill = bill_key(meta.external_id)
    if not is_set(redis.call('HGET', bill, 'first_sent')) then redis.call('HSET', bill, 'first_sent', int(now_ms)) end
    note_first_create(claimer.fingerprint)
  end
  event('started', id, meta.step)
  leave_place(id, meta)
  redis.call('ZADD', leases_place, int(now_ms + setting('lease_ms')), id)
  set_state(id, 'running', fields)
  if redis.call('ZSCORE', key('suspects'), id) then redis.call('ZADD', key('suspects'), int(now_ms), id) end
  return { redis.call('HGET', key('data'), id) or '{}' }, { record_of(meta_key(id), id, bill_fields(meta.external_id)) }
end
