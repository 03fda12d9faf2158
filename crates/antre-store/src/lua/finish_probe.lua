#!lua flags=allow-oom
-- What became of a probe: the newest invoice was asked for, which shows whose the key is.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  fingerprint of the key and address that were used
-- ARGV[2]  claim token
-- ARGV[3]  Rate-Limit-Remaining or ''
-- ARGV[4]  Rate-Limit-Limit or ''
-- ARGV[5]  Rate-Limit-Reset in microseconds or ''
-- ARGV[6]  JSON object of strings: outcome (seen | empty | silent | forbidden | key_refused | limited | not_sent |
--          lookup_failed), user_id, mode, code, wait_us
-- ARGV[7]  worker name
-- Replies  { ours } | { stranger, reason }
-- needs: base, settings, pacer, known_outcomes, grants, evidence, identity, strangers
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
identity.read(ctx)
local fingerprint, claim_token, remaining, limit, reset_us, shown, worker = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], cjson.decode(ARGV[6]), ARGV[7]

-- A key that may not read is one by a person's word; then its refusal shows that Xendit answers.
local is_answer = shown.outcome == 'seen' or shown.outcome == 'empty' or shown.outcome == 'silent'
  or (shown.outcome == 'forbidden' and identity.is_ours(ctx, fingerprint))
local function note_answer()
  grants.observe_quota(ctx, claim_token, remaining, limit, reset_us)
  evidence.note_outcome(ctx, { outcome = is_answer and 'answered' or shown.outcome == 'forbidden' and 'key_refused' or shown.outcome,
    id = 'probe', code = shown.code, wait_us = tonumber(shown.wait_us), worker = worker })
end

-- What a stranger meets says nothing about this account.
local function note_stranger(reason)
  local stranger = strangers.read(ctx, fingerprint) or { since = ctx.now_ms, worker = worker, mode = shown.mode }
  stranger.reason, stranger.user_id, stranger.seen = reason, shown.user_id or '', ctx.now_ms
  -- Another answer needs another key or right; no answer may be one soon.
  local is_told = is_answer or shown.outcome == 'forbidden' or shown.outcome == 'key_refused'
  local wait_ms = is_told and strangers.ask_ms or math.max(settings.number(ctx, 'breaker_probe_ms'), (tonumber(shown.wait_us) or 0) / 1000)
  stranger.ask = ctx.now_ms + math.min(wait_ms, strangers.ask_max_ms)
  strangers.write(ctx, fingerprint, stranger)
end

local refusal = known_outcomes.refusal(known_outcomes.probe, shown.outcome)
if refusal then return refusal end
if not identity.is_ours(ctx, fingerprint) then
  local reason = strangers.judge(ctx, fingerprint, shown)
  if reason then
    note_stranger(reason)
    return { 'stranger', reason }
  end
end
note_answer()
identity.learn_user_id(ctx, shown.user_id)
return { 'ours' }
