-- Puts a read into the account's lane for them.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  id of the read, which nobody else has
-- ARGV[2]  get | list | expire
-- ARGV[3]  id of the invoice, or the query of a list
-- ARGV[4]  how long it is waited for, ms
-- Replies  submitted | full (so many wait already) | closed (Xendit does not answer now) | unserved
-- needs: base, claimers, settings, pacer, breaker, reads
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
local id, kind, target, wait_ms = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

if not ctx.settings.limits then return 'unserved' end
if breaker.is_open(ctx) and ctx.pacer.breaker_scope ~= 'creates' then return 'closed' end
reads.drop_overdue(ctx)
if redis.call('ZCARD', ctx.key('reads')) >= reads.waiting_max then return 'full' end
reads.add(ctx, id, kind, target, wait_ms)
claimers.wake_one(ctx)
return 'submitted'
