-- A person's pause: nothing is granted until it is lifted or its time is over.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  who
-- ARGV[2]  why
-- ARGV[3]  length in ms, or '' for until resumed
-- Replies  { paused }
-- needs: base
local who, why, length_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])

redis.call('HDEL', key('pacer'), 'held_until_ms')
local fields = { held_by = who, held_reason = why, held_at_ms = int(now_ms) }
if length_ms then fields.held_until_ms = int(now_ms + length_ms) end
write_hash(key('pacer'), fields)
event('paused', nil, why)
wake()
return { 'paused' }
