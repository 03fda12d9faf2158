#!lua flags=allow-oom
-- Returns a claim whose request was not sent, and its grant.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  kind: job | chore
-- ARGV[2]  id of the job or chore
-- ARGV[3]  fence of the claim
-- ARGV[4]  reason: void (too late to be sent) | stopping
-- Replies  { given_back } | { lease_lost }
local kind, id, fence, reason = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

return_grant(fence, reason == 'void')
wake()
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
