-- Token and best job in one decision: one claim is one grant is one HTTP request.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  fence: the worker's fresh random id for this claim
-- ARGV[2]  worker name
-- Replies  claimed, kind, fence_us, [data], [[id, field, value, ...]]   the request may leave until fence_us from now
--          wait, wait_us, reason      work is ready, a request is not allowed before
--          idle, due_ms               nothing is ready; due_ms until something is by itself, or -1
--          again                      more was due than one script may move; ask again at once
--          unconfigured               the account has no settings (any more)
local fence, worker = ARGV[1], ARGV[2]
local candidates_max = 20

local function next_candidate()
  for _ = 1, candidates_max do
    local candidate = is_open() and best_probe() or best()
    if not candidate or candidate.kind == 'chore' then return candidate end
    candidate.meta = read_hash(meta_key(candidate.id))
    if candidate.meta.state ~= 'waiting' then
      -- Another program removed the record: the entry must not block those behind it.
      for _, priority in ipairs(priorities) do redis.call('ZREM', key(priority), candidate.id) end
    elseif settle_charges(candidate.id, candidate.meta) then return candidate end
  end
  return 'again'
end

-- A person's pause holds until it is lifted or its time is over.
local function is_held()
  if not is_set(pacer.held_at_ms) then return false end
  if not is_set(pacer.held_until_ms) or tonumber(pacer.held_until_ms) > now_ms then return true end
  clear_pacer('held_by', 'held_at_ms', 'held_until_ms', 'held_reason')
  event('resumed', nil, 'its time is over')
  return false
end

local function held_us()
  return is_set(pacer.held_until_ms) and (tonumber(pacer.held_until_ms) - now_ms) * 1000 or 60 * 1000000
end

local function next_instant()
  local at, reason = earliest_us()
  if is_open() and pacer_number('probe_at_us') > at then return pacer_number('probe_at_us'), 'breaker' end
  return at, reason
end

if not config.limits then return { 'unconfigured' } end
follow_clock()
if rebase_portion_left() or promote_due() then return { 'again' } end
if not best() then return { 'idle', int(next_due_ms()) } end
if is_held() then return { 'wait', int(held_us()), 'paused' } end
local at, reason = next_instant()
if at > now_us then return { 'wait', int(at - now_us), reason } end
local candidate = next_candidate()
if candidate == nil or candidate == 'again' then return { 'again' } end
take_grant(fence)
if is_open() then set_pacer({ probe_at_us = now_us + pacer_number('probe_ms') * 1000 }) end
local data, record
if candidate.kind == 'chore' then
  data, record = claim_chore(candidate.id, fence, worker)
else
  recheck(candidate.id, candidate.meta)
  data, record = claim_job(candidate.id, candidate.meta, fence, worker)
end
return { 'claimed', candidate.kind, int(fence_us()), data, record }
