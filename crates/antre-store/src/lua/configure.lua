-- The limits and times in force: the worker that starts last writes them, all obey. Creates the inbox. A worker
-- whose key was not shown to be this account's changes nothing.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  data format number of this worker
-- ARGV[2]  fingerprint of its key and address
-- ARGV[3]  worker name
-- ARGV[4]  mode of the key
-- ARGV[5]  '1': the worker saw this account's data before and it is gone, else ''
-- ARGV[6+] field, value pairs of the account's configuration
-- Replies  { configured, '1' if the key is known to be the account's, else '' } | { unproven } | { newer_format, number }
-- needs: base, identity, handover
local format, fingerprint, worker, mode, is_lost = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5] == '1'
local pairs_given, first = ARGV, 6

local found = tonumber(redis.call('GET', key('format')) or '')
if found and found > format then return { 'newer_format', int(found) } end
if has_keys() and not is_ours(fingerprint) then
  local stranger = read_stranger(fingerprint) or { since = now_ms, reason = 'unproven' }
  stranger.worker, stranger.mode, stranger.seen = worker, mode, now_ms
  write_stranger(fingerprint, stranger)
  return { 'unproven' }
end
redis.call('SET', key('format'), int(format))
for i = first, #pairs_given, 2 do redis.call('HSET', key('config'), pairs_given[i], pairs_given[i + 1]) end
if redis.call('EXISTS', key('inbox')) == 0 then
  local entry = redis.call('XADD', key('inbox'), '*', 'created', '1')
  redis.call('XDEL', key('inbox'), entry)
end
-- Bills whose record is gone may be submitted again although they have an invoice.
if is_lost then recheck_from_now(nil, now_ms + resubmitted_ms) end
wake()
return { 'configured', is_ours(fingerprint) and '1' or '' }
