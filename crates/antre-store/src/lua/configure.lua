-- The limits and times in force: the worker that starts last writes them, all obey. Creates the inbox.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  data format number of this worker
-- ARGV[2+] field, value pairs of the account's configuration
-- Replies  { configured } | { newer_format, number }
local format, pairs_given, first = tonumber(ARGV[1]), ARGV, 2

local found = tonumber(redis.call('GET', key('format')) or '')
if found and found > format then return { 'newer_format', int(found) } end
redis.call('SET', key('format'), int(format))
for i = first, #pairs_given, 2 do redis.call('HSET', key('config'), pairs_given[i], pairs_given[i + 1]) end
if redis.call('EXISTS', key('inbox')) == 0 then
  local entry = redis.call('XADD', key('inbox'), '*', 'created', '1')
  redis.call('XDEL', key('inbox'), entry)
end
wake()
return { 'configured' }
