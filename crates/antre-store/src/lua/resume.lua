-- Lifts a person's pause and the pause after many rejections.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  who
-- Replies  { resumed } | { not_paused }
-- needs: base, pacer, pause
local ctx = base.begin(KEYS[1])
local who = ARGV[1]

pacer.read(ctx)
if not ctx.pacer.paused_at_ms then return { 'not_paused' } end
pacer.clear(ctx, 'rejections')
pause.lift(ctx, who)
base.wake_all(ctx)
return { 'resumed' }
