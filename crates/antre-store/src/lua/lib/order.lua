-- Which job is next. Effective time = ready time - head start; the smallest among the heads wins.
local priorities = { 'high', 'normal', 'low' }
local head_start_us = {
  high = setting('head_start_high_us'), normal = setting('head_start_normal_us'), low = 0,
}
local non_suspects_scanned = 50

local function best_of(candidates)
  local best
  for _, candidate in ipairs(candidates) do
    if not best or candidate.effective < best.effective then best = candidate end
  end
  return best
end

local function job_candidate(priority, id, score)
  return { kind = 'job', id = id, effective = tonumber(score) - head_start_us[priority] }
end

-- Chores are as urgent as important customers: a surplus invoice is a second bill on somebody's phone.
local function due_chore()
  local head = redis.call('ZRANGE', key('chores'), '-inf', int(now_ms), 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
  if not head[1] then return nil end
  return { kind = 'chore', id = head[1], effective = tonumber(head[2]) * 1000 - head_start_us.high }
end

local function best()
  local candidates = { due_chore() }
  for _, priority in ipairs(priorities) do
    local head = redis.call('ZRANGE', key(priority), 0, 0, 'WITHSCORES')
    if head[1] then candidates[#candidates + 1] = job_candidate(priority, head[1], head[2]) end
  end
  return best_of(candidates)
end

local function best_non_suspect()
  local candidates = {}
  for _, priority in ipairs(priorities) do
    local heads = redis.call('ZRANGE', key(priority), 0, non_suspects_scanned - 1, 'WITHSCORES')
    for i = 1, #heads, 2 do
      if not redis.call('ZSCORE', key('suspects'), heads[i]) then
        candidates[#candidates + 1] = job_candidate(priority, heads[i], heads[i + 1])
        break
      end
    end
  end
  return best_of(candidates)
end

-- While the breaker is open: a job that is not suspected, else the suspect that was probed longest ago.
local function best_probe()
  local probe = best_non_suspect()
  if probe then return probe end
  for _, id in ipairs(redis.call('ZRANGE', key('suspects'), 0, non_suspects_scanned - 1)) do
    if redis.call('HGET', meta_key(id), 'state') == 'waiting' then return { kind = 'job', id = id } end
  end
  return best()
end
