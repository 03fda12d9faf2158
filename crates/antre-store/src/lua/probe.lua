-- One paced request for the newest invoice, to try a key out: it holds no job, gives no sign of life, proves nothing.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  claim token: a fresh random id
-- ARGV[2]  the asker's configuration, as `config` has it: the pace where no worker has put settings in force yet
-- Replies  claimed, send_within_us, request_timeout_ms, [grant], 0
--                                    a grant is a list, see `handover`; its request may leave until send_within_us
--                                    from now, and take so long at most
--          wait, wait_us, reason      a request is not allowed before
-- needs: base, settings, pacer, pace, pause, grants, clock, handover
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
local claim_token, given = ARGV[1], ARGV[2]

if ctx.settings.limits then
  clock.follow(ctx)
else
  ctx.settings = settings.parse(given)
end
if pause.is_on(ctx) then return { 'wait', base.int(pause.left_us(ctx)), 'paused' } end
local at, reason = pace.earliest_us(ctx)
if at > ctx.now_us then return { 'wait', base.int(at - ctx.now_us), reason } end
grants.take(ctx, claim_token)
return handover.reply(ctx, { handover.probe(claim_token) }, 0)
