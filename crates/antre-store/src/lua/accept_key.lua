-- A person's word that a key belongs to this account.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  fingerprint of the key, or its beginning; '' for the only one that waits
-- ARGV[2]  who
-- ARGV[3]  '1': from now on the account is another account at Xendit, or another mode; else ''
-- Replies  { accepted, fingerprint } | { none } no such key waits | { several, [fingerprint, ...] }
--          | { other, reason } it is known to be another account | { unfinished, jobs } they would be sent there
-- needs: base, identity, judge, job
local wanted, who, is_other = ARGV[1], ARGV[2], ARGV[3] == '1'
local other = { other_account = true, other_mode = true, no_invoices = true }

local found = {}
for _, fingerprint in ipairs(redis.call('HKEYS', key('strangers'))) do
  if string.sub(fingerprint, 1, #wanted) == wanted then found[#found + 1] = fingerprint end
end
if #found == 0 then return { 'none' } end
if #found > 1 then return { 'several', found } end
local fingerprint, stranger = found[1], read_stranger(found[1]) or {}
if is_other then
  local jobs = redis.call('XLEN', key('inbox')) + redis.call('ZCARD', scheduled_place) + redis.call('ZCARD', leases_place)
  for _, priority in ipairs({ 'high', 'normal', 'low' }) do jobs = jobs + redis.call('ZCARD', key(priority)) end
  if jobs > 0 then return { 'unfinished', int(jobs) } end
  begin_anew(fingerprint, { user_id = stranger.user_id, mode = stranger.mode })
else
  if other[stranger.reason] then return { 'other', stranger.reason } end
  accept_key(fingerprint, { mode = is_set(identity.mode) and identity.mode or stranger.mode })
end
event('key_accepted_by', nil, who .. ' ' .. fingerprint)
return { 'accepted', fingerprint }
