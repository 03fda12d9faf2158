-- A person's word that invoices may exist which this Redis does not know (a restored backup, an old replica): every
-- waiting job that would create begins with a look-up, and so does every job accepted for a while.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  how long newly accepted jobs begin with a look-up, in ms
-- ARGV[2]  who
-- Replies  { rechecking, waiting jobs }
-- needs: base, pacer, jobs, recheck
local ctx = base.begin(KEYS[1])
pacer.read(ctx)
local for_ms, who = tonumber(ARGV[1]), ARGV[2]

recheck.begin(ctx, nil, ctx.now_ms + for_ms)
base.event(ctx, 'recheck', nil, who)
return { 'rechecking', base.int(jobs.count_waiting(ctx)) }
