-- Which job is next. Effective time = ready time - head start; the smallest among the heads wins.
-- needs: base, records, settings, heads, jobs, reads
local order = {}

local heads_scanned = 50

local head_starts = { high = 'head_start_high_us', normal = 'head_start_normal_us' }
local function head_start_us(ctx, priority)
  local name = head_starts[priority]
  return name and settings.number(ctx, name) or 0
end

-- Returns the better one of `best`, which may be nothing, and a candidate with these values.
local function better(ctx, best, kind, id, ready_us, priority)
  local effective = ready_us - head_start_us(ctx, priority)
  if best and best.effective <= effective then return best end
  return { kind = kind, id = id, effective = effective, priority = kind == 'job' and priority or nil }
end

-- A surplus invoice is a second bill on somebody's phone: as urgent as important customers. An audit can wait.
local function read_follow_up(ctx)
  local best, found = nil, {}
  local listed = redis.call('ZRANGE', ctx.key('follow_ups'), '-inf', base.int(ctx.now_ms), 'BYSCORE', 'LIMIT', '0', heads_scanned, 'WITHSCORES')
  for i = 1, #listed, 2 do
    local priority = string.sub(listed[i], 1, 7) == 'expire-' and 'high' or 'low'
    if not found[priority] then
      found[priority] = true
      best = better(ctx, best, 'follow_up', listed[i], tonumber(listed[i + 1]) * 1000, priority)
    end
  end
  return best
end

-- Returns the best follow-up that is due; one call reads them anew only when it has taken one.
local function due_follow_up(ctx)
  if ctx.due_follow_up == nil then ctx.due_follow_up = read_follow_up(ctx) or false end
  return ctx.due_follow_up or nil
end

-- Returns the best of all; the same one until it is `taken`.
function order.best(ctx)
  if ctx.best then return ctx.best end
  local best = due_follow_up(ctx)
  for _, priority in ipairs(jobs.priorities) do
    local id, score = heads.first(ctx, priority)
    if id then best = better(ctx, best, 'job', id, tonumber(score), priority) end
  end
  ctx.best = reads.due(ctx, best) or best
  return ctx.best
end

-- The candidate has left its place.
function order.take(ctx, candidate)
  heads.take(ctx, candidate == ctx.best and candidate.priority)
  ctx.best = nil
  if candidate.kind == 'follow_up' then ctx.due_follow_up = nil end
end

-- Returns the best of `best` and of the first jobs of each priority that `is_wanted` takes.
local function best_among_heads(ctx, is_wanted, best)
  for _, priority in ipairs(jobs.priorities) do
    local listed = redis.call('ZRANGE', ctx.key(priority), '0', heads_scanned - 1, 'WITHSCORES')
    for i = 1, #listed, 2 do
      if is_wanted(ctx, listed[i]) then
        best = better(ctx, best, 'job', listed[i], tonumber(listed[i + 1]), priority)
        break
      end
    end
  end
  return best
end

local function is_no_suspect(ctx, id) return not redis.call('ZSCORE', ctx.key('suspects'), id) end

local function is_no_create(ctx, id) return records.field(ctx, ctx.meta_key(id), 'request') ~= 'create' end

function order.best_non_suspect(ctx) return best_among_heads(ctx, is_no_suspect) end

-- While only creates are probes: what is no create may leave.
function order.best_look_up(ctx)
  local best = best_among_heads(ctx, is_no_create, due_follow_up(ctx))
  return reads.due(ctx, best) or best
end

return order
