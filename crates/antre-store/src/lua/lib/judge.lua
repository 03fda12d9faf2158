-- Whether a key belongs to the account, by what one request with it showed.
-- needs: base, identity
local stranger_ask_ms = 60000
local ask_max_ms = 120000
local shown_lately_ms = 60000

-- The account is what this key shows, whatever it was taken for.
local function begin_anew(fingerprint, shown)
  forget_keys_but(nil)
  redis.call('HDEL', key('identity'), 'user_id')
  identity.user_id = nil
  accept_key(fingerprint, { user_id = shown.user_id or '', mode = shown.mode })
end

local function is_in_use()
  local is_shown = false
  each_key(function(_, shown_ms) is_shown = is_shown or now_ms - shown_ms < shown_lately_ms end)
  return is_shown
end

-- Returns in what the key contradicts what is known of the account, if in anything.
local function contradiction(shown)
  if identity.mode ~= shown.mode then return 'other_mode' end
  if is_set(identity.user_id) and is_set(shown.user_id) and identity.user_id ~= shown.user_id then return 'other_account' end
  if shown.outcome == 'empty' and is_set(identity.user_id) then return 'no_invoices' end
end

-- `shown`: outcome (seen | empty | silent: answered, but tells nothing | forbidden | anything else: no answer), user_id,
-- mode, code. Returns why the key is a stranger, or nothing when it is ours.
local function judge(fingerprint, shown)
  if shown.outcome == 'forbidden' then return 'forbidden' end
  local is_answer = shown.outcome == 'seen' or shown.outcome == 'empty' or shown.outcome == 'silent'
  if not is_answer then return shown.code end
  if not has_keys() then return begin_anew(fingerprint, shown) end
  local other = contradiction(shown)
  if not is_set(identity.sent) and not is_set(identity.may_have_sent) then
    -- Nothing is at stake yet. A key that works replaces one that nobody shows any more.
    if not other then return accept_key(fingerprint, is_set(shown.user_id) and { user_id = shown.user_id } or {}) end
    if not is_in_use() then return begin_anew(fingerprint, shown) end
    return other
  end
  if other then return other end
  if is_set(identity.user_id) and is_set(shown.user_id) then return accept_key(fingerprint, {}) end
  return 'unproven'
end

-- An answer named the account at Xendit. Once it is known, keys that could not be judged are asked about again.
local function learn_user_id(user_id)
  if not is_set(user_id) or is_set(identity.user_id) then return end
  set_identity({ user_id = user_id })
  redis.call('DEL', key('strangers'))
  wake()
end
