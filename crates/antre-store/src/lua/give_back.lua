#!lua flags=allow-oom
-- Returns a claim whose request was not sent, and its grant.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  kind: job | follow-up | probe | read
-- ARGV[2]  id of the job, follow-up or read
-- ARGV[3]  claim token
-- ARGV[4]  reason: too_late (too late to be sent) | unreplicated (no replica confirmed the claim) | stopping
-- ARGV[5]  worker name
-- ARGV[6]  fingerprint of the worker's key and address
-- Replies  { given_back } | { lease_lost }
-- needs: base, claimers, settings, pacer, grants, workers, strangers, jobs, reads, cancelling
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
local kind, id, claim_token, reason, worker, fingerprint = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]

grants.give_back(ctx, claim_token, reason)
local seen = workers.read(ctx, worker)
if workers.is_open(seen) then workers.set(ctx, worker, { probe_at_us = math.min(workers.number(seen, 'probe_at_us'), ctx.now_us) }) end
claimers.wake_one(ctx)
if kind == 'probe' then
  local stranger = strangers.read(ctx, fingerprint)
  if stranger then
    stranger.ask = ctx.now_ms
    strangers.write(ctx, fingerprint, stranger)
  end
  return { 'given_back' }
end
if kind == 'follow_up' then
  if redis.call('HGET', ctx.key_of('follow_up:', id), 'claim_token') ~= claim_token then return { 'lease_lost' } end
  redis.call('ZADD', ctx.key('follow_ups'), 'XX', base.int(ctx.now_ms), id)
  redis.call('HDEL', ctx.key_of('follow_up:', id), 'claim_token')
  return { 'given_back' }
end
if kind == 'read' then return { reads.put_back(ctx, id, claim_token) and 'given_back' or 'lease_lost' } end
local meta = jobs.read(ctx, id)
if not jobs.holds_token(meta, claim_token) then return { 'lease_lost' } end
jobs.drop_token(ctx, id)
jobs.to_waiting(ctx, id, meta, jobs.restored(meta))
cancelling.settle(ctx, id)
return { 'given_back' }
