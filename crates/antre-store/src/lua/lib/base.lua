-- What every script has: its context, small readers and writers, and what people and sleeping workers hear.
-- needs: nothing
local base = {}

-- A stopped clock, for drills and tests, stands in the key `clock`; else Redis' own decides.
local function read_clock_us(ctx)
  local stopped_us = redis.call('GET', ctx.key('clock'))
  if stopped_us then return tonumber(stopped_us) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

-- Returns the context of a call: its instant, `now_us` and `now_ms`, and the names of the account's keys. They share one
-- hash tag, so every script names their prefix `antre:{A}:` as KEYS[1]. `settings`, `pacer` and `identity` stand in it once
-- they were read: by those scripts that need them, and before they write, since Redis does not roll back.
function base.begin(prefix)
  local ctx = {}
  function ctx.key(name) return prefix .. name end
  function ctx.meta_key(id) return prefix .. 'meta:' .. id end
  function ctx.bill_key(external_id) return prefix .. 'external_id:' .. external_id end
  ctx.now_us = read_clock_us(ctx)
  ctx.now_ms = math.floor(ctx.now_us / 1000)
  return ctx
end

-- Instants are microseconds and exceed what Lua prints by itself (%.14g).
function base.int(number) return string.format('%.0f', number) end

function base.is_set(value) return value ~= nil and value ~= false and value ~= '' end

function base.read_hash(name)
  local flat, hash = redis.call('HGETALL', name), {}
  for i = 1, #flat, 2 do hash[flat[i]] = flat[i + 1] end
  return hash
end

function base.write_hash(name, fields)
  local flat = {}
  for field, value in pairs(fields) do
    flat[#flat + 1] = field
    flat[#flat + 1] = type(value) == 'number' and base.int(value) or value
  end
  if #flat > 0 then redis.call('HSET', name, unpack(flat)) end
end

function base.event(ctx, name, job, detail)
  redis.call('XADD', ctx.key('events'), 'MAXLEN', '~', 10000, '*',
    'event', name, 'job', job or '', 'detail', detail or '')
end

-- What people must hear of for a while, by code: when last, since when, how often, and what of. Ten minutes without
-- it end a row of them.
local notice_row_ms = 10 * 60 * 1000
function base.notice(ctx, code, detail)
  local last, since, times = string.match(redis.call('HGET', ctx.key('notices'), code) or '', '^(%d+) (%d+) (%d+)')
  if not last or ctx.now_ms - tonumber(last) > notice_row_ms then since, times = base.int(ctx.now_ms), 0 end
  redis.call('HSET', ctx.key('notices'), code, table.concat({ base.int(ctx.now_ms), since, base.int(tonumber(times) + 1), detail }, ' '))
end

function base.count(ctx, field, by)
  redis.call('HINCRBY', ctx.key('totals'), field, by or 1)
end

local minute_retention_s = 2 * 24 * 3600
function base.count_minute(ctx, field)
  local name = ctx.key('stats:' .. base.int(math.floor(ctx.now_ms / 60000)))
  redis.call('HINCRBY', name, field, 1)
  redis.call('EXPIRE', name, minute_retention_s)
end

local batch_retention_s = 90 * 24 * 3600
function base.count_batch(ctx, batch, field, by)
  if not base.is_set(batch) then return end
  local name = ctx.key('batch:' .. batch)
  redis.call('HINCRBY', name, field, by or 1)
  redis.call('EXPIRE', name, batch_retention_s)
end

-- Every script that makes work ready earlier than sleeping workers know must call this.
function base.wake(ctx) redis.call('PUBLISH', ctx.key('wake'), '1') end

return base
