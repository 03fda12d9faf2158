#!lua flags=allow-oom
-- Removes one bounded portion of what is older than its retention.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  age in ms after which a silent worker's heartbeat is removed
-- Replies  number of records removed; a full portion (200) means there may be more
-- needs: base, pacer, identity, result, ending
local worker_age_ms = tonumber(ARGV[1])
local portion_per_state = 100

local clock_ms = retention_clock_ms()
set_pacer({ retention_ms = clock_ms })

local function sweep(state)
  local before = clock_ms - setting(state == 'dead' and 'retention_dead_ms' or 'retention_done_ms')
  local ids = redis.call('ZRANGE', key(state), '-inf', int(before), 'BYSCORE', 'LIMIT', 0, portion_per_state)
  for _, id in ipairs(ids) do
    local external_id = redis.call('HGET', meta_key(id), 'external_id')
    if state == 'dead' and is_set(external_id) and redis.call('HGET', bill_key(external_id), 'job') == id then
      redis.call('EXPIRE', bill_key(external_id), bill_retention_s)
    end
    redis.call('DEL', meta_key(id))
    redis.call('HDEL', key('data'), id)
    redis.call('ZREM', key(state), id)
  end
  return #ids
end

local function forget_strangers()
  for _, fingerprint in ipairs(redis.call('HKEYS', key('strangers'))) do
    local stranger = read_stranger(fingerprint)
    if not stranger or now_ms - (tonumber(stranger.seen) or 0) > worker_age_ms then redis.call('HDEL', key('strangers'), fingerprint) end
  end
end

local function forget_silent_workers()
  local workers = redis.call('HGETALL', key('workers'))
  for i = 1, math.min(#workers, 2000), 2 do
    local is_read, heartbeat = pcall(cjson.decode, workers[i + 1])
    local seen_ms = is_read and type(heartbeat) == 'table' and tonumber(heartbeat.seen_ms) or 0
    if now_ms - seen_ms > worker_age_ms then redis.call('HDEL', key('workers'), workers[i]) end
  end
end

forget_silent_workers()
forget_strangers()
redis.call('XTRIM', key('ended'), 'MINID', '~', int(clock_ms - ended_retention_ms), 'LIMIT', 1000)
return sweep('done') + sweep('dead')
