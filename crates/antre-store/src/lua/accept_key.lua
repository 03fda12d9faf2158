-- A person's word that a key belongs to this account.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  fingerprint of the key, or its beginning; '' for the only one that waits
-- ARGV[2]  who
-- ARGV[3]  '1': from now on the account is another account at Xendit, or another mode; else ''
-- Replies  { accepted, fingerprint } | { none } no such key waits | { several, [fingerprint, ...] }
--          | { other, reason } it is known to be another account | { unfinished, jobs } they would be sent there
-- needs: base, identity, strangers, jobs
local ctx = base.begin(KEYS[1])
identity.read(ctx)
local wanted, who, is_other = ARGV[1], ARGV[2], ARGV[3] == '1'
local other = { other_account = true, other_mode = true, no_invoices = true }

local found = {}
for _, fingerprint in ipairs(redis.call('HKEYS', ctx.key('strangers'))) do
  if string.sub(fingerprint, 1, #wanted) == wanted then found[#found + 1] = fingerprint end
end
if #found == 0 then return { 'none' } end
if #found > 1 then return { 'several', found } end
local fingerprint, stranger = found[1], strangers.read(ctx, found[1]) or {}
if is_other then
  local unfinished = redis.call('XLEN', ctx.key('inbox')) + redis.call('ZCARD', ctx.key('leases')) + jobs.count_waiting(ctx)
  if unfinished > 0 then return { 'unfinished', base.int(unfinished) } end
  identity.begin_anew(ctx, fingerprint, { user_id = stranger.user_id, mode = stranger.mode })
else
  if other[stranger.reason] then return { 'other', stranger.reason } end
  identity.accept_key(ctx, fingerprint, { mode = base.is_set(ctx.identity.mode) and ctx.identity.mode or stranger.mode })
end
base.event(ctx, 'key_accepted_by', nil, who .. ' ' .. fingerprint)
return { 'accepted', fingerprint }
