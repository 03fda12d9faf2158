-- A person's pause: nothing is granted until it is lifted or its time is over.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  who
-- ARGV[2]  why
-- ARGV[3]  length in ms, or '' for until resumed
-- Replies  { paused }
-- needs: base, pacer, pause
local ctx = base.begin(KEYS[1])
local who, why, length_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])

pacer.clear(ctx, 'paused_until_ms')
pause.begin(ctx, who, why, length_ms and ctx.now_ms + length_ms)
base.wake_all(ctx)
return { 'paused' }
