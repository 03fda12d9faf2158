-- Whose account this is. `identity` holds user_id and mode as Xendit's answers and keys told them, `sent` once a
-- create was granted, `may_have_sent` once a server took over that may have forgotten that, and for each key that
-- belongs here a field `key:<fingerprint>`: when it was shown last (ms).
-- needs: base, records
local identity = {}

local keys_max = 50
local key_noted_ms = 10000
local shown_lately_ms = 60000

function identity.read(ctx) ctx.identity = records.read(ctx, ctx.key('identity')) end

function identity.is_ours(ctx, fingerprint) return ctx.identity['key:' .. fingerprint] ~= nil end

-- Calls `visit` with each fingerprint that belongs here and when it was shown last (ms).
function identity.each_key(ctx, visit)
  for field, shown_ms in pairs(ctx.identity) do
    if string.sub(field, 1, 4) == 'key:' then visit(string.sub(field, 5), tonumber(shown_ms) or 0) end
  end
end

function identity.has_keys(ctx)
  local found = false
  identity.each_key(ctx, function() found = true end)
  return found
end

function identity.is_in_use(ctx)
  local is_shown = false
  identity.each_key(ctx, function(_, shown_ms) is_shown = is_shown or ctx.now_ms - shown_ms < shown_lately_ms end)
  return is_shown
end

-- A script that only writes need not have read it.
function identity.set(ctx, fields) records.set(ctx, ctx.key('identity'), fields) end

function identity.note_shown(ctx, fingerprint)
  if ctx.now_ms - (tonumber(ctx.identity['key:' .. fingerprint]) or 0) < key_noted_ms then return end
  identity.set(ctx, { ['key:' .. fingerprint] = base.int(ctx.now_ms) })
end

function identity.forget_keys_but(ctx, kept)
  local gone = {}
  identity.each_key(ctx, function(fingerprint) if fingerprint ~= kept then gone[#gone + 1] = 'key:' .. fingerprint end end)
  records.clear(ctx, ctx.key('identity'), gone)
end

-- The key belongs here from now on.
function identity.accept_key(ctx, fingerprint, fields)
  local known = 0
  identity.each_key(ctx, function() known = known + 1 end)
  if known >= keys_max then identity.forget_keys_but(ctx, fingerprint) end
  fields['key:' .. fingerprint] = base.int(ctx.now_ms)
  identity.set(ctx, fields)
  redis.call('HDEL', ctx.key('strangers'), fingerprint)
  base.event(ctx, 'key_accepted', nil, fingerprint)
  base.wake_all(ctx)
end

-- The account is what this key shows, whatever it was taken for.
function identity.begin_anew(ctx, fingerprint, shown)
  identity.forget_keys_but(ctx, nil)
  identity.accept_key(ctx, fingerprint, { user_id = shown.user_id or '', mode = shown.mode })
end

-- An answer named the account at Xendit. Once it is known, keys that could not be judged are asked about again.
function identity.learn_user_id(ctx, user_id)
  if not base.is_set(user_id) or base.is_set(ctx.identity.user_id) then return end
  identity.set(ctx, { user_id = user_id })
  redis.call('DEL', ctx.key('strangers'))
  base.wake_all(ctx)
end

-- From the first create on, keys that were only presumed to be the account's must show it: there is an invoice to show.
function identity.note_first_create(ctx, fingerprint)
  if base.is_set(ctx.identity.sent) then return end
  identity.set(ctx, { sent = '1' })
  if not base.is_set(ctx.identity.user_id) then identity.forget_keys_but(ctx, fingerprint) end
end

return identity
