-- Tokens and best jobs in one decision: each grant is one HTTP request.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  worker name
-- ARGV[2]  fingerprint of the worker's key and address
-- ARGV[3]  mode of that key
-- ARGV[4]  claims that the worker holds already
-- ARGV[5]  '1' if the worker could send one more than there are tokens, else ''
-- ARGV[6+] claim tokens: the worker's fresh random ids, one for each request that it could send now
-- Replies  claimed, send_within_us, request_timeout_ms, [grant, ...], rest_us
--                                    a grant is a list, see `handover`; its request may leave until send_within_us
--                                    from now, and take so long at most; before rest_us nothing more is granted
--                                    to this worker unless it is woken; 0 if nobody knows
--          wait, wait_us, reason      work is ready, a request is not allowed before
--          idle, due_ms               nothing is ready; due_ms until something is by itself, or -1
--          again                      more was due than one script may move; ask again at once
--          stranger, wait_us, reason  the key was not shown to be this account's; ask again after that
--          unconfigured               the account has no settings (any more)
-- needs: base, settings, pacer, pace, pause, grants, workers, identity, strangers, clock, lapse, heads, order, reads, claimers, turn, waits, handover
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
identity.read(ctx)
local claimer = { worker = ARGV[1], fingerprint = ARGV[2], mode = ARGV[3], held = tonumber(ARGV[4]) }
local has_room, claim_tokens = ARGV[5] == '1', ARGV
local first, most = 6, 64
local alone_us = 1000000

-- Nothing but one paced request that shows whose the key is.
local function identify()
  local stranger = strangers.shown_by(ctx, claimer.fingerprint, claimer.worker, claimer.mode)
  local ask_ms = tonumber(stranger.ask) or 0
  -- One that lies further ahead was set by another clock.
  if ask_ms > ctx.now_ms and ask_ms <= ctx.now_ms + strangers.ask_max_ms then
    strangers.write(ctx, claimer.fingerprint, stranger)
    return { 'stranger', base.int((ask_ms - ctx.now_ms) * 1000), stranger.reason }
  end
  local at = pause.is_on(ctx) and ctx.now_us + pause.left_us(ctx) or pace.earliest_us(ctx)
  if at > ctx.now_us then return { 'stranger', base.int(at - ctx.now_us), stranger.reason } end
  grants.take(ctx, claim_tokens[first])
  stranger.ask = ctx.now_ms + settings.number(ctx, 'breaker_probe_ms')
  strangers.write(ctx, claimer.fingerprint, stranger)
  return handover.reply(ctx, { handover.probe(claim_tokens[first]) }, 0)
end

-- Returns the next grant, or nothing and the reply that says why there is none.
local function next_grant(claim_token)
  local refusal, creates_at = waits.obstacle(ctx, claimer)
  if refusal then return nil, refusal end
  local candidate = turn.next_candidate(ctx, claimer, creates_at)
  if candidate == 'again' then return nil, { 'again' } end
  if not candidate then claimers.sleep(ctx, claimer.worker) return nil, { 'wait', base.int(math.max(1, creates_at - ctx.now_us)), 'breaker' } end
  if turn.must_run_alone(candidate) and claimer.held > 0 then claimers.sleep(ctx, claimer.worker) return nil, { 'wait', base.int(alone_us), 'alone' } end
  grants.take(ctx, claim_token)
  turn.note_probe(ctx, claimer)
  claimer.held = claimer.held + 1
  claimer.is_alone = turn.must_run_alone(candidate)
  local granted = handover.claim(ctx, candidate, claimer, claim_token)
  reads.note_granted(ctx, candidate.kind)
  order.take(ctx, candidate)
  return granted
end

claimer.seen = workers.read(ctx, claimer.worker)
if not ctx.settings.limits then return { 'unconfigured' } end
clock.follow(ctx)
if not identity.is_ours(ctx, claimer.fingerprint) then return identify() end
identity.note_shown(ctx, claimer.fingerprint)
if clock.rebase_portion(ctx) or lapse.promote_due(ctx) then return { 'again' } end
local offered = math.min(#claim_tokens - first + 1, most)
local wanted = turn.most(ctx, claimer, offered)
heads.begin(ctx, wanted)
local idle = waits.idleness(ctx, claimer)
if idle then return idle end
if pause.is_on(ctx) then return { 'wait', base.int(pause.left_us(ctx)), 'paused' } end

local granted, refusal = {}, nil
while #granted < wanted and not claimer.is_alone do
  granted[#granted + 1], refusal = next_grant(claim_tokens[first + #granted])
  if refusal then break end
  if #granted == 1 then claimers.leave_turn(ctx, claimer.worker) end
end
if #granted == 0 then return refusal end
-- This worker may have no room for more: the next one looks.
if #granted == wanted and turn.has_more(ctx, claimer) then claimers.wake_one(ctx) end
local may_rest = refusal or ((has_room or offered > #granted) and not claimer.is_alone)
return handover.reply(ctx, granted, may_rest and waits.rest_us(ctx, claimer, refusal) or 0)
