#!lua flags=allow-oom
-- A worker's heartbeat: renews its leases and says which it no longer holds.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  worker name
-- ARGV[2]  heartbeat: JSON object with at least one field; seen_ms is added
-- ARGV[3+] triples: kind (job | follow-up), id, claim token
-- Replies  [lease_ms in force, why the worker's own breaker is open or '', ids whose lease is lost ...]
-- needs: base, settings
local ctx = base.begin(KEYS[1])
settings.read(ctx)
local worker, heartbeat = ARGV[1], ARGV[2]
local triples, first = ARGV, 3
local lost = { base.int(settings.number(ctx, 'lease_ms')), redis.call('HGET', ctx.key_of('breaker:', worker), 'reason') or '' }

redis.call('HSET', ctx.key('workers'), worker, '{"seen_ms":' .. base.int(ctx.now_ms) .. ',' .. string.sub(heartbeat, 2))
local lease_end = base.int(ctx.now_ms + settings.number(ctx, 'lease_ms'))
for i = first, #triples, 3 do
  local kind, id, claim_token = triples[i], triples[i + 1], triples[i + 2]
  local is_job = kind == 'job'
  local holder = redis.call('HGET', is_job and ctx.meta_key(id) or ctx.key_of('follow_up:', id), 'claim_token')
  if holder == claim_token then
    redis.call('ZADD', is_job and ctx.key('leases') or ctx.key('follow_ups'), 'XX', lease_end, id)
  else
    lost[#lost + 1] = id
  end
end
return lost
