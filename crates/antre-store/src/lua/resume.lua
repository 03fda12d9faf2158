-- Lifts a person's pause and the pause after many rejections.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  who
-- Replies  { resumed } | { not_paused }
-- needs: base
local who = ARGV[1]

if redis.call('HEXISTS', key('pacer'), 'held_at_ms') == 0 then return { 'not_paused' } end
redis.call('HDEL', key('pacer'), 'held_by', 'held_at_ms', 'held_until_ms', 'held_reason')
redis.call('HSET', key('pacer'), 'rejections', '0')
event('resumed', nil, who)
wake()
return { 'resumed' }
