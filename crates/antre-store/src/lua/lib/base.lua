-- Key names, the clock and small writers that every script uses. Joined in front of each script.
-- An account's keys share one hash tag, so every script names its prefix `antre:{A}:` as KEYS[1].
-- needs: nothing
local prefix = KEYS[1]

local function key(name) return prefix .. name end
local function meta_key(id) return prefix .. 'meta:' .. id end
local function bill_key(external_id) return prefix .. 'external_id:' .. external_id end

-- Instants are microseconds and exceed what Lua prints by itself (%.14g).
local function int(number) return string.format('%.0f', number) end

-- A stopped clock, for drills and tests, stands in the key `clock`; else Redis' own decides.
local function read_clock_us()
  local stopped_us = redis.call('GET', key('clock'))
  if stopped_us then return tonumber(stopped_us) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

local now_us = read_clock_us()
local now_ms = math.floor(now_us / 1000)

local function read_hash(name)
  local flat, hash = redis.call('HGETALL', name), {}
  for i = 1, #flat, 2 do hash[flat[i]] = flat[i + 1] end
  return hash
end

local function write_hash(name, fields)
  local flat = {}
  for field, value in pairs(fields) do
    flat[#flat + 1] = field
    flat[#flat + 1] = type(value) == 'number' and int(value) or value
  end
  if #flat > 0 then redis.call('HSET', name, unpack(flat)) end
end

local function is_set(value) return value ~= nil and value ~= false and value ~= '' end

local function event(name, job, detail)
  redis.call('XADD', key('events'), 'MAXLEN', '~', 10000, '*',
    'event', name, 'job', job or '', 'detail', detail or '')
end

-- What people must hear of for a while, by code: when last, since when, how often, and what of. Ten minutes without
-- it end a row of them.
local notice_row_ms = 10 * 60 * 1000
local function notice(code, detail)
  local last, since, times = string.match(redis.call('HGET', key('notices'), code) or '', '^(%d+) (%d+) (%d+)')
  if not last or now_ms - tonumber(last) > notice_row_ms then since, times = int(now_ms), 0 end
  redis.call('HSET', key('notices'), code, table.concat({ int(now_ms), since, int(tonumber(times) + 1), detail }, ' '))
end

local function count(field, by)
  redis.call('HINCRBY', key('totals'), field, by or 1)
end

local minute_retention_s = 2 * 24 * 3600
local function count_minute(field)
  local name = key('stats:' .. int(math.floor(now_ms / 60000)))
  redis.call('HINCRBY', name, field, 1)
  redis.call('EXPIRE', name, minute_retention_s)
end

local batch_retention_s = 90 * 24 * 3600
local function count_batch(batch, field, by)
  if not is_set(batch) then return end
  local name = key('batch:' .. batch)
  redis.call('HINCRBY', name, field, by or 1)
  redis.call('EXPIRE', name, batch_retention_s)
end

-- Every script that makes work ready earlier than sleeping workers know must call this.
local function wake() redis.call('PUBLISH', key('wake'), '1') end
