#!lua flags=allow-oom
-- Removes one bounded portion of what is older than its retention.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  age in ms after which a silent worker's heartbeat is removed
-- Replies  number of records removed; a full portion (200) means there may be more
-- needs: base, settings, pacer, strangers, jobs, bills, results
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
local worker_age_ms = tonumber(ARGV[1])
local portion_per_state = 100

local clock_ms = results.retention_clock_ms(ctx)
pacer.set(ctx, { retention_ms = clock_ms })

local function sweep(state)
  local before = clock_ms - settings.number(ctx, state == 'dead' and 'retention_dead_ms' or 'retention_done_ms')
  local ids = redis.call('ZRANGE', ctx.key(state), '-inf', base.int(before), 'BYSCORE', 'LIMIT', 0, portion_per_state)
  for _, id in ipairs(ids) do
    if state == 'dead' then bills.let_go(ctx, jobs.read(ctx, id).external_id, id) end
    jobs.forget(ctx, id, state, 0)
  end
  return #ids
end

local function forget_strangers()
  for _, fingerprint in ipairs(redis.call('HKEYS', ctx.key('strangers'))) do
    local stranger = strangers.read(ctx, fingerprint)
    if not stranger or ctx.now_ms - (tonumber(stranger.seen) or 0) > worker_age_ms then redis.call('HDEL', ctx.key('strangers'), fingerprint) end
  end
end

local function forget_silent_workers()
  local heartbeats = redis.call('HGETALL', ctx.key('workers'))
  for i = 1, math.min(#heartbeats, 2000), 2 do
    local is_read, heartbeat = pcall(cjson.decode, heartbeats[i + 1])
    local seen_ms = is_read and type(heartbeat) == 'table' and tonumber(heartbeat.seen_ms) or 0
    if ctx.now_ms - seen_ms > worker_age_ms then redis.call('HDEL', ctx.key('workers'), heartbeats[i]) end
  end
end

forget_silent_workers()
forget_strangers()
redis.call('XTRIM', ctx.key('ended'), 'MINID', '~', base.int(clock_ms - results.ended_retention_ms), 'LIMIT', 1000)
return sweep('done') + sweep('dead')
