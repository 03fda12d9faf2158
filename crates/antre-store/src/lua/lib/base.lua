-- What every script has: its context, small readers and writers, and what people and sleeping workers hear.
-- needs: names
local base = {}

-- The context of this call, and the numbers that it has written as texts.
local current, texts

-- A stopped clock, for drills and tests, stands in the key `clock`; else Redis' own decides.
local function read_clock_us(account)
  local stopped_us = redis.call('GET', account.key('clock'))
  if stopped_us then return tonumber(stopped_us) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

-- Returns the context of a call: its instant, `now_us` and `now_ms`, and the names of the account's keys. `settings`,
-- `pacer` and `identity` stand in it once they were read: by those scripts that need them, and before they write, since
-- Redis does not roll back.
function base.begin(prefix)
  local account = names.of(prefix)
  local now_us = read_clock_us(account)
  texts = {}
  current = { key = account.key, key_of = account.key_of, meta_key = account.meta_key, bill_key = account.bill_key, now_us = now_us,
    now_ms = math.floor(now_us / 1000), endings = {}, counts = {}, minute_counts = {}, records = {}, bills = {} }
  return current
end

-- What is gathered during a call is written once, at its end. `write` takes the context; one of each name is called.
function base.at_end(ctx, name, write)
  if ctx.endings[name] then return end
  ctx.endings[name] = true
  ctx.endings[#ctx.endings + 1] = write
end

-- Every script that has a context ends with this, also when it fails. A function outlives its call, which may fail before
-- it has a context: that of the call before must be gone.
function base.write_gathered()
  local ctx = current
  current = nil
  for _, write in ipairs(ctx and ctx.endings or {}) do write(ctx) end
end

-- Instants are microseconds and exceed what Lua prints by itself (%.14g). A call writes the same ones again and again.
function base.int(number)
  local text = texts[number] or string.format('%d', number)
  texts[number] = text
  return text
end

function base.is_set(value) return value and value ~= '' end

-- Returns the text at a key: nothing if there is none, false if another program put something else there.
function base.text(name)
  local text = redis.pcall('GET', name)
  if type(text) ~= 'table' then return text or nil end
  if string.find(text.err, 'WRONGTYPE', 1, true) then return false end
  return redis.call('GET', name)
end

function base.event(ctx, name, job, detail)
  redis.call('XADD', ctx.key('events'), 'MAXLEN', '~', '10000', '*',
    'event', name, 'job', job or '', 'detail', detail or '')
end

local function write_counts(ctx)
  for field, by in pairs(ctx.counts) do redis.call('HINCRBY', ctx.key('totals'), field, by) end
end

function base.count(ctx, field, by)
  ctx.counts[field] = (ctx.counts[field] or 0) + (by or 1)
  base.at_end(ctx, 'totals', write_counts)
end

local minute_retention_s = 2 * 24 * 3600
local function write_minute_counts(ctx)
  local name = ctx.key_of('stats:', base.int(math.floor(ctx.now_ms / 60000)))
  for field, by in pairs(ctx.minute_counts) do redis.call('HINCRBY', name, field, by) end
  redis.call('EXPIRE', name, minute_retention_s)
end

function base.count_minute(ctx, field)
  ctx.minute_counts[field] = (ctx.minute_counts[field] or 0) + 1
  base.at_end(ctx, 'stats', write_minute_counts)
end

local batch_retention_s = 90 * 24 * 3600
function base.count_batch(ctx, batch, field, by)
  if not base.is_set(batch) then return end
  local name = ctx.key_of('batch:', batch)
  redis.call('HINCRBY', name, field, by or 1)
  redis.call('EXPIRE', name, batch_retention_s)
end

-- What holds all workers back has changed: each asks at once. For mere work see `claimers`.
function base.wake_all(ctx)
  base.at_end(ctx, 'wake all', function() redis.call('PUBLISH', ctx.key('wake'), '*') end)
end

return base
