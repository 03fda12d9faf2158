-- A person's word that invoices may exist which this Redis does not know (a restored backup, an old replica): every
-- waiting job that would create begins with a look-up, and so does every job accepted for a while.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  how long newly accepted jobs begin with a look-up, in ms
-- ARGV[2]  who
-- Replies  { rechecking, waiting jobs }
-- needs: base, job, handover
local for_ms, who = tonumber(ARGV[1]), ARGV[2]

recheck_from_now(nil, now_ms + for_ms)
event('recheck', nil, who)
local jobs = redis.call('ZCARD', scheduled_place)
for _, priority in ipairs({ 'high', 'normal', 'low' }) do jobs = jobs + redis.call('ZCARD', key(priority)) end
return { 'rechecking', int(jobs) }
