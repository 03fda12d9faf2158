-- Whose account this is. `identity` holds user_id and mode as Xendit's answers and keys told them, `sent` once a
-- create was granted, `may_have_sent` once a server took over that may have forgotten that, and for each key that
-- belongs here a field `key:<fingerprint>`: when it was shown last (ms).
-- `strangers` holds a JSON record of each key that was not shown to belong here: worker, mode, reason, user_id, since,
-- seen, ask (ms).
-- needs: base
local strangers_max = 20
local keys_max = 50
local key_noted_ms = 10000

local identity = read_hash(key('identity'))

local function is_ours(fingerprint) return identity['key:' .. fingerprint] ~= nil end

-- Calls `visit` with each fingerprint that belongs here and when it was shown last (ms).
local function each_key(visit)
  for field, shown_ms in pairs(identity) do
    if string.sub(field, 1, 4) == 'key:' then visit(string.sub(field, 5), tonumber(shown_ms) or 0) end
  end
end

local function has_keys()
  local found = false
  each_key(function() found = true end)
  return found
end

local function set_identity(fields)
  for field, value in pairs(fields) do identity[field] = value end
  write_hash(key('identity'), fields)
end

local function note_shown(fingerprint)
  if now_ms - (tonumber(identity['key:' .. fingerprint]) or 0) < key_noted_ms then return end
  set_identity({ ['key:' .. fingerprint] = int(now_ms) })
end

local function forget_keys_but(kept)
  local gone = {}
  each_key(function(fingerprint) if fingerprint ~= kept then gone[#gone + 1] = 'key:' .. fingerprint end end)
  for _, field in ipairs(gone) do
    redis.call('HDEL', key('identity'), field)
    identity[field] = nil
  end
end

local function read_stranger(fingerprint)
  local is_read, record = pcall(cjson.decode, redis.call('HGET', key('strangers'), fingerprint) or '')
  return is_read and type(record) == 'table' and record or nil
end

local function write_stranger(fingerprint, record)
  if redis.call('HLEN', key('strangers')) >= strangers_max and redis.call('HEXISTS', key('strangers'), fingerprint) == 0 then
    redis.call('HDEL', key('strangers'), redis.call('HKEYS', key('strangers'))[1])
  end
  redis.call('HSET', key('strangers'), fingerprint, cjson.encode(record))
end

-- The key belongs here from now on.
local function accept_key(fingerprint, fields)
  local known = 0
  each_key(function() known = known + 1 end)
  if known >= keys_max then forget_keys_but(fingerprint) end
  fields['key:' .. fingerprint] = int(now_ms)
  set_identity(fields)
  redis.call('HDEL', key('strangers'), fingerprint)
  event('key_accepted', nil, fingerprint)
  wake()
end
