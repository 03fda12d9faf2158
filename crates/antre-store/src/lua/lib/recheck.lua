-- What this server may have forgotten: a restarted, promoted or restored one knows less than was done.
-- needs: base, notices, settings, pacer, pace, grants, jobs, identity
local recheck = {}

local replayed_us = 10 * 1000000
recheck.resubmitted_ms = 10 * 60 * 1000

-- How many requests may have been sent that this server does not remember: the pace since the last instant that it
-- does remember, twice, because it may have another order.
local function forgotten_requests(ctx, gap_us)
  local first = settings.limits(ctx)[1]
  return math.ceil(2 * (gap_us + replayed_us) * first.requests / first.window_us) + 10
end

-- Jobs accepted until `new_until_ms` begin with a look-up: they may be submitted again because what was known of
-- them is lost. So do jobs known before now: `left` of them, or all.
function recheck.begin(ctx, left, new_until_ms)
  local fields = { recheck_before_ms = ctx.now_ms,
    recheck_new_until_ms = math.max(new_until_ms, pacer.number(ctx, 'recheck_new_until_ms')) }
  if left then fields.recheck_left = math.max(left, pacer.number(ctx, 'recheck_left'))
  else fields.recheck_all_before_ms = ctx.now_ms end
  pacer.set(ctx, fields)
end

-- A function asks once for each process: it is another one that has another id. One that refuses to tell its own is known
-- by the instant of its first call. Each library of functions keeps that for itself, so it has a field of its own.
local known_id, known_field
local function server_id()
  if known_id then return known_id, known_field end
  local info = outlives_call and redis.pcall('INFO', 'server') or redis.call('INFO', 'server')
  known_id, known_field = type(info) == 'string' and string.match(info, 'run_id:(%x+)'), 'run_id'
  if not known_id and outlives_call then
    local time = redis.call('TIME')
    known_id, known_field = 'since-' .. time[1] .. '.' .. time[2], '@server'
  end
  if not known_id then error('this server tells no run_id, and runs no functions', 0) end
  return known_id, known_field
end

-- A restarted, promoted or restored server may have forgotten claims, and bills altogether.
function recheck.note_server(ctx, last_us)
  local id, field = server_id()
  if ctx.pacer[field] == id then return end
  if base.is_set(ctx.pacer.run_id) then
    local gap_us = ctx.now_us - last_us
    -- Where its clock is behind the last instant that it remembers, nobody can tell how long the gap was.
    local left = gap_us >= 0 and forgotten_requests(ctx, gap_us) or nil
    recheck.begin(ctx, left, ctx.now_ms + math.max(0, math.floor(gap_us / 1000)) + recheck.resubmitted_ms)
    -- It may have forgotten the first create, too: a key that contradicts must not replace those that are known.
    identity.set(ctx, { may_have_sent = '1' })
    base.event(ctx, 'server_changed', nil, id)
    base.count(ctx, 'server_changed')
    notices.tell(ctx, 'server_changed', id)
  end
  grants.fill_short_windows(ctx)
  pacer.set(ctx, { run_id = id, [field] = id })
end

-- Whether a claim of this job, or of an earlier job of its bill, may have been forgotten: see `begin`.
local function may_be_forgotten(ctx, id, meta)
  local accepted_ms, before_ms = tonumber(string.match(id, '^%d+')) or 0, pacer.number(ctx, 'recheck_before_ms')
  -- What was claimed since then is known here: a look-up has been answered already.
  if (tonumber(meta.claimed_at) or 0) >= before_ms then return false end
  if accepted_ms >= before_ms then return accepted_ms < pacer.number(ctx, 'recheck_new_until_ms') end
  if math.max(accepted_ms, tonumber(meta.claimed_at) or 0) < pacer.number(ctx, 'recheck_all_before_ms') then return true end
  if pacer.number(ctx, 'recheck_left') <= 0 then return false end
  pacer.set(ctx, { recheck_left = pacer.number(ctx, 'recheck_left') - 1 })
  return true
end

local function before_any_recheck(ctx) return not base.is_set(ctx.pacer.recheck_before_ms) end

function recheck.apply(ctx, id, meta)
  if meta.request ~= 'create' or before_any_recheck(ctx) or not may_be_forgotten(ctx, id, meta) then return end
  base.count(ctx, 'rechecked')
  -- How far the send deadline was widened on the server that knew of the claim may be forgotten, too.
  local latest_ms = pacer.number(ctx, 'recheck_before_ms') + pace.send_within_max_us / 1000 + settings.number(ctx, 'request_timeout_ms')
  jobs.set(ctx, id, { request = 'lookup', last_create = 'unanswered', rechecked = '1', effective_until = latest_ms })
end

return recheck
