-- Which job is next. Effective time = ready time - head start; the smallest among the heads wins.
-- needs: base, settings, jobs
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
  local heads = redis.call('ZRANGE', ctx.key('follow_ups'), '-inf', base.int(ctx.now_ms), 'BYSCORE', 'LIMIT', 0, heads_scanned, 'WITHSCORES')
  for i = 1, #heads, 2 do
    local priority = string.sub(heads[i], 1, 7) == 'expire-' and 'high' or 'low'
    if not found[priority] then
      found[priority] = true
      due[#due + 1] = { kind = 'follow_up', id = heads[i], effective = tonumber(heads[i + 1]) * 1000 - head_start_us(ctx, priority) }
    end
  end
  return due
end

function order.best(ctx)
  local candidates = due_follow_ups(ctx)
  for _, priority in ipairs(jobs.priorities) do
    local head = redis.call('ZRANGE', ctx.key(priority), 0, 0, 'WITHSCORES')
    if head[1] then candidates[#candidates + 1] = job_candidate(ctx, priority, head[1], head[2]) end
  end
  return best_of(candidates)
end

-- Returns the best of `candidates` and of the first jobs of each priority that `is_wanted` takes.
local function best_among_heads(ctx, is_wanted, candidates)
  for _, priority in ipairs(jobs.priorities) do
    local heads = redis.call('ZRANGE', ctx.key(priority), 0, heads_scanned - 1, 'WITHSCORES')
    for i = 1, #heads, 2 do
      if is_wanted(ctx, heads[i]) then
        candidates[#candidates + 1] = job_candidate(ctx, priority, heads[i], heads[i + 1])
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
