-- Writes, removes what it wrote and publishes: what every script of a worker does somehow.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV     none
-- Replies  1
-- needs: base
local ctx = base.begin(KEYS[1])

redis.call('SET', ctx.key('trial'), '1')
redis.call('DEL', ctx.key('trial'))
base.wake_all(ctx)
return 1
