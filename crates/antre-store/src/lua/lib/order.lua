-- Which job is next. Effective time = ready time - head start; the smallest among the heads wins.
-- needs: base, pacer
local priorities = { 'high', 'normal', 'low' }
local head_start_us = {
  high = setting('head_start_high_us'), normal = setting('head_start_normal_us'), low = 0,
}
local heads_scanned = 50

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

-- A surplus invoice is a second bill on somebody's phone: as urgent as important customers. An audit can wait.
local function due_chores()
  local chores, found = {}, {}
  local heads = redis.call('ZRANGE', key('chores'), '-inf', int(now_ms), 'BYSCORE', 'LIMIT', 0, heads_scanned, 'WITHSCORES')
  for i = 1, #heads, 2 do
    local priority = string.sub(heads[i], 1, 7) == 'expire-' and 'high' or 'low'
    if not found[priority] then
      found[priority] = true
      chores[#chores + 1] = { kind = 'chore', id = heads[i], effective = tonumber(heads[i + 1]) * 1000 - head_start_us[priority] }
    end
  end
  return chores
end

local function best()
  local candidates = due_chores()
  for _, priority in ipairs(priorities) do
    local head = redis.call('ZRANGE', key(priority), 0, 0, 'WITHSCORES')
    if head[1] then candidates[#candidates + 1] = job_candidate(priority, head[1], head[2]) end
  end
  return best_of(candidates)
end

-- Returns the best of `candidates` and of the first jobs of each priority that `is_wanted` takes.
local function best_among_heads(is_wanted, candidates)
  for _, priority in ipairs(priorities) do
    local heads = redis.call('ZRANGE', key(priority), 0, heads_scanned - 1, 'WITHSCORES')
    for i = 1, #heads, 2 do
      if is_wanted(heads[i]) then
        candidates[#candidates + 1] = job_candidate(priority, heads[i], heads[i + 1])
        break
      end
    end
  end
  return best_of(candidates)
end

local function is_no_suspect(id) return not redis.call('ZSCORE', key('suspects'), id) end

local function is_no_create(id) return redis.call('HGET', meta_key(id), 'step') ~= 'create' end

local function best_non_suspect() return best_among_heads(is_no_suspect, {}) end

-- While only creates are probes: what is no create may leave.
local function best_look_up() return best_among_heads(is_no_create, due_chores()) end
