-- What became of a probe: the newest invoice was asked for, which shows whose the key is.
-- The answer: outcome (seen | empty | silent | forbidden | key_refused | limited | not_sent | lookup_failed), user_id,
-- mode, code, wait_us. The request's id is the fingerprint of the key and address that were used.
-- needs: settings, known_outcomes, grants, evidence, identity, strangers
local finish_probe = {}

-- A key that may not read is one by a person's word; then its refusal shows that Xendit answers.
local function is_answer(ctx, fingerprint, shown)
  return shown.outcome == 'seen' or shown.outcome == 'empty' or shown.outcome == 'silent'
    or (shown.outcome == 'forbidden' and identity.is_ours(ctx, fingerprint))
end

local function note_answer(ctx, request, shown)
  local outcome = shown.outcome
  if is_answer(ctx, request.id, shown) then outcome = 'answered' elseif outcome == 'forbidden' then outcome = 'key_refused' end
  grants.observe_quota(ctx, request.claim_token, request.quota)
  evidence.note_outcome(ctx, { outcome = outcome, id = 'probe', claim_token = request.claim_token, code = shown.code, wait_us = tonumber(shown.wait_us), worker = request.worker })
end

-- What a stranger meets says nothing about this account.
local function note_stranger(ctx, request, shown, reason)
  local stranger = strangers.read(ctx, request.id) or { since = ctx.now_ms, worker = request.worker, mode = shown.mode }
  stranger.reason, stranger.user_id, stranger.seen = reason, shown.user_id or '', ctx.now_ms
  -- Another answer needs another key or right; no answer may be one soon.
  local is_told = is_answer(ctx, request.id, shown) or shown.outcome == 'forbidden' or shown.outcome == 'key_refused'
  local wait_ms = is_told and strangers.ask_ms or math.max(settings.number(ctx, 'breaker_probe_ms'), (tonumber(shown.wait_us) or 0) / 1000)
  stranger.ask = ctx.now_ms + math.min(wait_ms, strangers.ask_max_ms)
  strangers.write(ctx, request.id, stranger)
end

-- Returns { ours } | { stranger, reason }
function finish_probe.apply(ctx, request, shown)
  local refusal = known_outcomes.refusal(known_outcomes.probe, shown.outcome)
  if refusal then return refusal end
  if not identity.is_ours(ctx, request.id) then
    local reason = strangers.judge(ctx, request.id, shown)
    if reason then
      note_stranger(ctx, request, shown, reason)
      return { 'stranger', reason }
    end
  end
  note_answer(ctx, request, shown)
  identity.learn_user_id(ctx, shown.user_id)
  return { 'ours' }
end

return finish_probe
