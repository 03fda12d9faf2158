-- One worker's breaker: what only this worker sees closes this worker, not the account.
-- `breaker:<worker>` holds its failures since its last success and, once open, reason, scope and next probe.
-- Scopes: `all`: only neutral probes leave; `creates`: look-ups leave, and creates are probes; `jobs`: every request is
-- a probe.
-- needs: base, pacer
local worker_memory_s = 3600
local worker_probe_max_ms = 60000
local limited_alone = 2

local function worker_key(worker) return key('breaker:' .. worker) end

local function worker_number(seen, name) return tonumber(seen[name]) or 0 end

local function set_worker(worker, seen, fields)
  for field, value in pairs(fields) do seen[field] = type(value) == 'number' and int(value) or value end
  write_hash(worker_key(worker), fields)
  redis.call('EXPIRE', worker_key(worker), worker_memory_s)
end

-- Requests that other workers got answered so far.
local function others_answered(seen) return pacer_number('answered') - worker_number(seen, 'answered') end

local function worker_is_open(seen) return is_set(seen.reason) end

local function close_worker(worker, seen)
  if worker_is_open(seen) then
    event('worker_closed', nil, worker)
    wake()
  end
  set_worker(worker, seen, { reason = '', scope = '', since_ms = '', probe_ms = '', probe_at_us = '' })
end

-- Probes of a worker that alone has trouble become rarer each time, so that it costs the others next to nothing.
local function open_worker(worker, seen, reason, scope, probe_ms)
  if not worker_is_open(seen) then
    event('worker_opened', nil, worker .. ' ' .. reason)
    count('worker_opened')
    set_worker(worker, seen, { since_ms = now_ms })
  end
  local reopened = worker_number(seen, 'reopened')
  local wait_ms = math.max(probe_ms, math.min(worker_probe_max_ms, probe_ms * 2 ^ math.min(reopened, 10)))
  set_worker(worker, seen, { reason = reason, scope = scope, probe_ms = wait_ms, probe_at_us = now_us + wait_ms * 1000,
    reopened = reopened + 1 })
end

-- Trouble closes it. The first probe is neutral and harms nobody, so it leaves at once: jobs may be the cause.
local function close_for_trouble(worker, seen, reason)
  local is_first = worker_number(seen, 'reopened') == 0
  open_worker(worker, seen, reason, 'all', setting('breaker_probe_ms'))
  if is_first then set_worker(worker, seen, { probe_at_us = now_us }) end
end

-- Whether another worker serves this account, as far as heartbeats tell.
local function has_others(worker) return redis.call('HLEN', key('workers')) > redis.call('HEXISTS', key('workers'), worker) end
