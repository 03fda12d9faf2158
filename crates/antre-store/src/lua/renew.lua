#!lua flags=allow-oom
-- A worker's heartbeat: renews its leases and says which it no longer holds.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  worker name
-- ARGV[2]  heartbeat: JSON object with at least one field; seen_ms is added
-- ARGV[3+] triples: kind (job | chore), id, fence
-- Replies  [lease_ms in force, why the worker's own breaker is open or '', ids whose lease is lost ...]
-- needs: base, pacer, job
local worker, heartbeat = ARGV[1], ARGV[2]
local triples, first = ARGV, 3
local lost = { int(setting('lease_ms')), redis.call('HGET', key('breaker:' .. worker), 'reason') or '' }

redis.call('HSET', key('workers'), worker, '{"seen_ms":' .. int(now_ms) .. ',' .. string.sub(heartbeat, 2))
local lease_end = int(now_ms + setting('lease_ms'))
for i = first, #triples, 3 do
  local kind, id, fence = triples[i], triples[i + 1], triples[i + 2]
  local is_job = kind == 'job'
  local holder = redis.call('HGET', is_job and meta_key(id) or key('chore:' .. id), 'fence')
  if holder == fence then
    redis.call('ZADD', is_job and leases_place or key('chores'), 'XX', lease_end, id)
  else
    lost[#lost + 1] = id
  end
end
return lost
