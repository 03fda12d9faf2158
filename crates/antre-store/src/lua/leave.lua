#!lua flags=allow-oom
-- A worker that stopped in order takes its heartbeat away, and what was held against it.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  worker name
-- Replies  1 if it was there, else 0
-- needs: base, claimers
local ctx = base.begin(KEYS[1])
local worker = ARGV[1]

redis.call('DEL', ctx.key_of('breaker:', worker))
claimers.forget(ctx, worker)
return redis.call('HDEL', ctx.key('workers'), worker)
