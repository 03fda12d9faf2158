-- Whose account this is. `identity` holds user_id and mode as Xendit's answers and keys told them, `sent` once a
-- create was granted, and a field `key:<fingerprint>` for each key that was shown to belong here.
-- `strangers` holds a JSON record of each key that was not: worker, mode, reason, user_id, since, seen, ask (ms).
local stranger_ask_ms = 60000
local ask_max_ms = 120000
local strangers_max = 20
local keys_max = 50

local identity = read_hash(key('identity'))

local function is_ours(fingerprint) return identity['key:' .. fingerprint] ~= nil end

local function has_keys()
  for field in pairs(identity) do
    if string.sub(field, 1, 4) == 'key:' then return true end
  end
  return false
end

local function set_identity(fields)
  for field, value in pairs(fields) do identity[field] = value end
  write_hash(key('identity'), fields)
end

local function read_stranger(fingerprint)
  local text = redis.call('HGET', key('strangers'), fingerprint)
  local is_read, record = pcall(cjson.decode, text or '')
  return is_read and type(record) == 'table' and record or nil
end

local function write_stranger(fingerprint, record)
  if redis.call('HLEN', key('strangers')) >= strangers_max and redis.call('HEXISTS', key('strangers'), fingerprint) == 0 then
    redis.call('HDEL', key('strangers'), redis.call('HKEYS', key('strangers'))[1])
  end
  redis.call('HSET', key('strangers'), fingerprint, cjson.encode(record))
end

local function forget_keys()
  for field in pairs(identity) do
    if string.sub(field, 1, 4) == 'key:' then
      redis.call('HDEL', key('identity'), field)
      identity[field] = nil
    end
  end
end

-- The key belongs here from now on.
local function accept_key(fingerprint, fields)
  local known = 0
  for field in pairs(identity) do
    if string.sub(field, 1, 4) == 'key:' then known = known + 1 end
  end
  if known >= keys_max then forget_keys() end
  fields['key:' .. fingerprint] = int(now_ms)
  set_identity(fields)
  redis.call('HDEL', key('strangers'), fingerprint)
  event('key_accepted', nil, fingerprint)
  wake()
end

-- Nothing was ever sent for this account, so the last key that works is right.
local function begin_anew(fingerprint, shown)
  forget_keys()
  redis.call('HDEL', key('identity'), 'user_id')
  identity.user_id = nil
  accept_key(fingerprint, { user_id = shown.user_id or '', mode = shown.mode })
end

-- Decides about a key by what one request with it showed: outcome (seen | empty | silent: answered, but tells nothing |
-- forbidden | anything else: no answer), user_id, mode, code. Returns why it is a stranger, or nothing when it is ours.
local function judge(fingerprint, shown)
  if shown.outcome == 'forbidden' then return 'forbidden' end
  local is_answer = shown.outcome == 'seen' or shown.outcome == 'empty' or shown.outcome == 'silent'
  if not is_answer then return shown.code end
  if not has_keys() or not is_set(identity.sent) then return begin_anew(fingerprint, shown) end
  if identity.mode ~= shown.mode then return 'other_mode' end
  if is_set(identity.user_id) and is_set(shown.user_id) then
    if identity.user_id ~= shown.user_id then return 'other_account' end
    return accept_key(fingerprint, {})
  end
  return shown.outcome == 'empty' and is_set(identity.user_id) and 'no_invoices' or 'unproven'
end

-- An answer named the account at Xendit. Once it is known, keys that could not be judged are asked about again.
local function learn_user_id(user_id)
  if not is_set(user_id) or is_set(identity.user_id) then return end
  set_identity({ user_id = user_id })
  redis.call('DEL', key('strangers'))
  wake()
end
