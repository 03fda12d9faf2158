#!lua flags=no-writes,allow-stale
-- One consistent picture of an account. Work is O(log n) whatever the backlog.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV     none
-- Replies  { [name, number, ...], [pacer], [totals], [config], [workers], [identity], [strangers], [notices] } as flat
--          field, value lists, then [worker, [breaker's field, value, ...], ...] of up to 100 workers, then
--          what callers of the gateway got: a flat list for each five minutes of the last hour
-- needs: base, settings, pacer, jitter, pace, jobs
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
local hour_ms = 3600 * 1000

local at, reason = pace.earliest_us(ctx)
local high_ahead_us = settings.number(ctx, 'head_start_high_us') - settings.number(ctx, 'head_start_normal_us')
local figures = {
  now_ms = ctx.now_ms, inbox = redis.call('XLEN', ctx.key('inbox')),
  high = redis.call('ZCARD', ctx.key('high')), normal = redis.call('ZCARD', ctx.key('normal')), low = redis.call('ZCARD', ctx.key('low')),
  scheduled = redis.call('ZCARD', ctx.key('scheduled')),
  scheduled_soon = redis.call('ZCOUNT', ctx.key('scheduled'), '-inf', base.int(ctx.now_ms + hour_ms)),
  running = redis.call('ZCARD', ctx.key('leases')), done = redis.call('ZCARD', ctx.key('done')), dead = redis.call('ZCARD', ctx.key('dead')),
  follow_ups = redis.call('ZCARD', ctx.key('follow_ups')), suspects = redis.call('ZCARD', ctx.key('suspects')),
  ahead_high = redis.call('ZCOUNT', ctx.key('high'), '-inf', base.int(ctx.now_us + high_ahead_us)),
  ahead_low = redis.call('ZCOUNT', ctx.key('low'), '-inf', base.int(ctx.now_us - settings.number(ctx, 'head_start_normal_us'))),
  interval_us = pace.interval_us(ctx), wait_us = math.max(0, at - ctx.now_us), send_within_us = pace.send_within_us(ctx),
  jitter_us = jitter.allowance_us(ctx), jitter_learned_us = jitter.learned_us(ctx),
}
-- A younger one may still come back unused.
local last_grant = redis.call('ZRANGE', ctx.key('grants'), base.int(ctx.now_us - 1000000), '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1, 'WITHSCORES')
figures.sent_us = tonumber(last_grant[2]) or 0

-- The oldest ready job by its ready time; 0 when none waits.
figures.oldest_ready_us = 0
for _, priority in ipairs(jobs.priorities) do
  local ready = tonumber(redis.call('ZRANGE', ctx.key(priority), 0, 0, 'WITHSCORES')[2])
  if ready and (figures.oldest_ready_us == 0 or ready < figures.oldest_ready_us) then figures.oldest_ready_us = ready end
end

local heartbeats, breakers, workers_max = redis.call('HGETALL', ctx.key('workers')), {}, 100
for i = 1, math.min(#heartbeats, 2 * workers_max), 2 do
  breakers[i], breakers[i + 1] = heartbeats[i], redis.call('HGETALL', ctx.key_of('breaker:', heartbeats[i]))
end

local counted, counted_ms = {}, 5 * 60 * 1000
for back = 0, hour_ms / counted_ms - 1 do
  counted[#counted + 1] = redis.call('HGETALL', ctx.key_of('gateway:', base.int(math.floor(ctx.now_ms / counted_ms) - back)))
end

local flat = { 'wait_reason', reason }
for name, value in pairs(figures) do
  flat[#flat + 1] = name
  flat[#flat + 1] = base.int(value)
end
return { flat, redis.call('HGETALL', ctx.key('pacer')), redis.call('HGETALL', ctx.key('totals')),
  settings.flat(ctx), heartbeats, redis.call('HGETALL', ctx.key('identity')), redis.call('HGETALL', ctx.key('strangers')),
  redis.call('HGETALL', ctx.key('notices')), breakers, counted }
