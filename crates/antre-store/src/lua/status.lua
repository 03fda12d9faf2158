#!lua flags=no-writes,allow-stale
-- One consistent picture of an account. Work is O(log n) whatever the backlog.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV     none
-- Replies  { [name, number, ...], [pacer], [totals], [config], [workers], [identity], [strangers], [notices] } as flat
--          field, value lists, then [worker, [breaker's field, value, ...], ...] of up to 100 workers
-- needs: base, pacer, job
local hour_ms = 3600 * 1000

local at, reason = earliest_us()
local high_ahead_us = setting('head_start_high_us') - setting('head_start_normal_us')
local figures = {
  now_ms = now_ms, inbox = redis.call('XLEN', key('inbox')),
  high = redis.call('ZCARD', key('high')), normal = redis.call('ZCARD', key('normal')), low = redis.call('ZCARD', key('low')),
  scheduled = redis.call('ZCARD', scheduled_place),
  scheduled_soon = redis.call('ZCOUNT', scheduled_place, '-inf', int(now_ms + hour_ms)),
  running = redis.call('ZCARD', leases_place), done = redis.call('ZCARD', key('done')), dead = redis.call('ZCARD', key('dead')),
  chores = redis.call('ZCARD', key('chores')), suspects = redis.call('ZCARD', key('suspects')),
  ahead_high = redis.call('ZCOUNT', key('high'), '-inf', int(now_us + high_ahead_us)),
  ahead_low = redis.call('ZCOUNT', key('low'), '-inf', int(now_us - setting('head_start_normal_us'))),
  interval_us = interval_us(), wait_us = math.max(0, at - now_us), fence_us = fence_us(),
}
-- A younger one may still come back unused.
local last_grant = redis.call('ZRANGE', key('grants'), int(now_us - 1000000), '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1, 'WITHSCORES')
figures.sent_us = tonumber(last_grant[2]) or 0

-- The oldest ready job by its ready time; 0 when none waits.
figures.oldest_ready_us = 0
for _, priority in ipairs({ 'high', 'normal', 'low' }) do
  local ready = tonumber(redis.call('ZRANGE', key(priority), 0, 0, 'WITHSCORES')[2])
  if ready and (figures.oldest_ready_us == 0 or ready < figures.oldest_ready_us) then figures.oldest_ready_us = ready end
end

local workers, breakers, workers_max = redis.call('HGETALL', key('workers')), {}, 100
for i = 1, math.min(#workers, 2 * workers_max), 2 do
  breakers[i], breakers[i + 1] = workers[i], redis.call('HGETALL', key('breaker:' .. workers[i]))
end

local flat = { 'wait_reason', reason }
for name, value in pairs(figures) do
  flat[#flat + 1] = name
  flat[#flat + 1] = int(value)
end
return { flat, redis.call('HGETALL', key('pacer')), redis.call('HGETALL', key('totals')),
  redis.call('HGETALL', key('config')), workers, redis.call('HGETALL', key('identity')), redis.call('HGETALL', key('strangers')),
  redis.call('HGETALL', key('notices')), breakers }
