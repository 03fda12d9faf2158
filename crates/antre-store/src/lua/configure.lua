-- The limits and times in force: the worker that starts last writes them, all obey. Creates the inbox. A worker
-- whose key was not shown to be this account's changes nothing.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  data format number of this worker
-- ARGV[2]  fingerprint of its key and address
-- ARGV[3]  worker name
-- ARGV[4]  mode of the key
-- ARGV[5]  '1': the worker saw this account's data before and it is gone, else ''
-- ARGV[6]  the account's configuration: JSON object of texts
-- Replies  { configured, '1' if the key is known to be the account's, else '' } | { unproven } | { other_format, number }
-- needs: base, settings, pacer, identity, strangers, recheck
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
identity.read(ctx)
local format, fingerprint, worker, mode, is_lost = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5] == '1'
local config = ARGV[6]

local found = tonumber(redis.call('GET', ctx.key('format')) or '')
if found and found ~= format then return { 'other_format', base.int(found) } end
if identity.has_keys(ctx) and not identity.is_ours(ctx, fingerprint) then
  strangers.write(ctx, fingerprint, strangers.shown_by(ctx, fingerprint, worker, mode))
  return { 'unproven' }
end
redis.call('SET', ctx.key('format'), base.int(format))
redis.call('SET', ctx.key('config'), config)
if redis.call('EXISTS', ctx.key('inbox')) == 0 then
  local entry = redis.call('XADD', ctx.key('inbox'), '*', 'created', '1')
  redis.call('XDEL', ctx.key('inbox'), entry)
end
-- Bills whose record is gone may be submitted again although they have an invoice.
if is_lost then recheck.begin(ctx, nil, ctx.now_ms + recheck.resubmitted_ms) end
base.wake_all(ctx)
return { 'configured', identity.is_ours(ctx, fingerprint) and '1' or '' }
