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
-- needs: base, settings, pacer, grants, workers, strangers, jobs
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
local kind, id, fence, reason, worker, fingerprint = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]

grants.give_back(ctx, fence, reason)
local seen = workers.read(ctx, worker)
if workers.is_open(seen) then workers.set(ctx, worker, seen, { probe_at_us = math.min(workers.number(seen, 'probe_at_us'), ctx.now_us) }) end
base.wake(ctx)
if kind == 'probe' then
  local stranger = strangers.read(ctx, fingerprint)
  if stranger then
    stranger.ask = ctx.now_ms
    strangers.write(ctx, fingerprint, stranger)
  end
  return { 'given_back' }
end
if kind == 'chore' then
  if redis.call('HGET', ctx.key('chore:' .. id), 'fence') ~= fence then return { 'lease_lost' } end
  redis.call('ZADD', ctx.key('chores'), 'XX', base.int(ctx.now_ms), id)
  redis.call('HDEL', ctx.key('chore:' .. id), 'fence')
  return { 'given_back' }
end
local meta = base.read_hash(ctx.meta_key(id))
if not jobs.holds_fence(meta, fence) then return { 'lease_lost' } end
jobs.drop_fence(ctx, id)
jobs.to_waiting(ctx, id, meta, jobs.restored(meta))
return { 'given_back' }
