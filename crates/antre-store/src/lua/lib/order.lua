-- Which job is next. Effective time = ready time - head start; the smallest among the heads wins.
-- needs: base, settings, heads, jobs
local order = {}

local heads_scanned = 50

local function head_start_us(ctx, priority)
  return priority == 'low' and 0 or settings.number(ctx, 'head_start_' .. priority .. '_us')
end

local function best_of(candidates)
  local best
  for _, candidate in ipairs(candidates) do
    if not best or candidate.effective < best.effective then best = candidate end
  end
  return best
end

local function job_candidate(ctx, priority, id, score)
  return { kind = 'job', id = id, effective = tonumber(score) - head_start_us(ctx, priority) }
end

-- A surplus invoice is a second bill on somebody's phone: as urgent as important customers. An audit can wait.
local function due_follow_ups(ctx)
  local due, found = {}, {}
  local listed = redis.call('ZRANGE', ctx.key('follow_ups'), '-inf', base.int(ctx.now_ms), 'BYSCORE', 'LIMIT', 0, heads_scanned, 'WITHSCORES')
  for i = 1, #listed, 2 do
    local priority = string.sub(listed[i], 1, 7) == 'expire-' and 'high' or 'low'
    if not found[priority] then
      found[priority] = true
      due[#due + 1] = { kind = 'follow_up', id = listed[i], effective = tonumber(listed[i + 1]) * 1000 - head_start_us(ctx, priority) }
    end
  end
  return due
end

-- Returns the best of all; the same one until it is `taken`.
function order.best(ctx)
  if ctx.best then return ctx.best end
  local candidates = due_follow_ups(ctx)
  for _, priority in ipairs(jobs.priorities) do
    local id, score = heads.first(ctx, priority)
    if id then
      candidates[#candidates + 1] = job_candidate(ctx, priority, id, score)
      candidates[#candidates].priority = priority
    end
  end
  ctx.best = best_of(candidates)
  return ctx.best
end

-- The candidate has left its place.
function order.take(ctx, candidate)
  heads.take(ctx, candidate == ctx.best and candidate.priority)
  ctx.best = nil
end

-- Returns the best of `candidates` and of the first jobs of each priority that `is_wanted` takes.
local function best_among_heads(ctx, is_wanted, candidates)
  for _, priority in ipairs(jobs.priorities) do
    local listed = redis.call('ZRANGE', ctx.key(priority), 0, heads_scanned - 1, 'WITHSCORES')
    for i = 1, #listed, 2 do
      if is_wanted(ctx, listed[i]) then
        candidates[#candidates + 1] = job_candidate(ctx, priority, listed[i], listed[i + 1])
        break
      end
    end
  end
  return best_of(candidates)
end

local function is_no_suspect(ctx, id) return not redis.call('ZSCORE', ctx.key('suspects'), id) end

local function is_no_create(ctx, id) return redis.call('HGET', ctx.meta_key(id), 'request') ~= 'create' end

function order.best_non_suspect(ctx) return best_among_heads(ctx, is_no_suspect, {}) end

-- While only creates are probes: what is no create may leave.
function order.best_look_up(ctx) return best_among_heads(ctx, is_no_create, due_follow_ups(ctx)) end

return order
