#!lua flags=allow-oom
-- A worker that stopped in order takes its heartbeat away.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  worker name
-- Replies  1 if it was there, else 0
local worker = ARGV[1]

return redis.call('HDEL', key('workers'), worker)
