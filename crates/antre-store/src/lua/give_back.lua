#!lua flags=allow-oom
-- Returns a claim whose request was not sent, and its grant.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  kind: job | chore | probe
-- ARGV[2]  id of the job or chore
-- ARGV[3]  fence of the claim
-- ARGV[4]  reason: void (too late to be sent) | unreplicated (no replica confirmed the claim) | stopping
-- ARGV[5]  worker name
-- ARGV[6]  fingerprint of the worker's key and address
-- Replies  { given_back } | { lease_lost }
-- needs: base, worker, identity, job, observe, restore
local kind, id, fence, reason, worker, fingerprint = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]

return_grant(fence, reason)
local seen = read_hash(worker_key(worker))
if worker_is_open(seen) then set_worker(worker, seen, { probe_at_us = math.min(worker_number(seen, 'probe_at_us'), now_us) }) end
wake()
if kind == 'probe' then
  local stranger = read_stranger(fingerprint)
  if stranger then
    stranger.ask = now_ms
    write_stranger(fingerprint, stranger)
  end
  return { 'given_back' }
end
if kind == 'chore' then
  if redis.call('HGET', key('chore:' .. id), 'fence') ~= fence then return { 'lease_lost' } end
  redis.call('ZADD', key('chores'), 'XX', int(now_ms), id)
  redis.call('HDEL', key('chore:' .. id), 'fence')
  return { 'given_back' }
end
local meta = read_hash(meta_key(id))
if not holds_fence(meta, fence) then return { 'lease_lost' } end
drop_fence(id)
to_waiting(id, meta, restored(meta))
return { 'given_back' }
