-- Lifts a person's pause and the pause after many rejections.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  who
-- Replies  { resumed } | { not_paused }
-- needs: base, pacer, pause
local ctx = base.begin(KEYS[1])
local who = ARGV[1]

if redis.call('HEXISTS', ctx.key('pacer'), 'paused_at_ms') == 0 then return { 'not_paused' } end
pacer.set(ctx, { rejections = 0 })
pause.lift(ctx, who)
base.wake(ctx)
return { 'resumed' }
