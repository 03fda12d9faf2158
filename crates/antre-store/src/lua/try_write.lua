-- Writes, removes what it wrote and publishes: what every script of a worker does somehow.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV     none
-- Replies  1
-- needs: base
redis.call('SET', key('trial'), '1')
redis.call('DEL', key('trial'))
wake()
return 1
