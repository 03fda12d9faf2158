-- Token and best job in one decision: one claim is one grant is one HTTP request.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  fence: the worker's fresh random id for this claim
-- ARGV[2]  worker name
-- ARGV[3]  fingerprint of the worker's key and address
-- ARGV[4]  mode of that key
-- ARGV[5]  claims that the worker holds already
-- Replies  claimed, kind, fence_us, request_timeout_ms, [data], [[id, field, value, ...]]
--                                    the request may leave until fence_us from now and take so long at most
--          wait, wait_us, reason      work is ready, a request is not allowed before
--          idle, due_ms               nothing is ready; due_ms until something is by itself, or -1
--          again                      more was due than one script may move; ask again at once
--          stranger, wait_us, reason  the key was not shown to be this account's; ask again after that
--          unconfigured               the account has no settings (any more)
-- needs: base, pacer, worker, identity, rebase, clock, lapse, pause, turn, claiming
local claimer = { fence = ARGV[1], worker = ARGV[2], fingerprint = ARGV[3], mode = ARGV[4], held = tonumber(ARGV[5]) }
local alone_us = 1000000

claimer.seen = read_hash(worker_key(claimer.worker))
if not config.limits then return { 'unconfigured' } end
follow_clock()
if not is_ours(claimer.fingerprint) then return identify(claimer) end
note_shown(claimer.fingerprint)
if rebase_portion_left() or promote_due() then return { 'again' } end
if is_idle(claimer) then return { 'idle', int(next_due_ms()) } end
if is_held() then return { 'wait', int(held_us()), 'paused' } end
local at, reason = earliest_us()
local creates_at, all_at = breaker_instants(claimer)
if all_at > at then at, reason = all_at, 'breaker' end
if at > now_us then return { 'wait', int(at - now_us), reason } end
local candidate = next_candidate(claimer, creates_at)
if candidate == 'again' then return { 'again' } end
if not candidate then return { 'wait', int(math.max(1, creates_at - now_us)), 'breaker' } end
if must_run_alone(candidate) and claimer.held > 0 then return { 'wait', int(alone_us), 'alone' } end
take_grant(claimer.fence)
note_probe(claimer)
return claim(candidate, claimer)
