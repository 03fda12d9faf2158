-- Keys that were not shown to belong to this account, and what one request with such a key shows.
-- `strangers` holds a JSON record of each: worker, mode, reason, user_id, since, seen, ask (ms).
-- needs: base, identity
local strangers = {}

local strangers_max = 20

-- How long until the key is asked about again, usually and at most.
strangers.ask_ms = 60000
strangers.ask_max_ms = 120000

function strangers.read(ctx, fingerprint)
  local is_read, record = pcall(cjson.decode, redis.call('HGET', ctx.key('strangers'), fingerprint) or '')
  return is_read and type(record) == 'table' and record or nil
end

function strangers.write(ctx, fingerprint, record)
  if redis.call('HLEN', ctx.key('strangers')) >= strangers_max and redis.call('HEXISTS', ctx.key('strangers'), fingerprint) == 0 then
    redis.call('HDEL', ctx.key('strangers'), redis.call('HKEYS', ctx.key('strangers'))[1])
  end
  redis.call('HSET', ctx.key('strangers'), fingerprint, cjson.encode(record))
end

-- Returns the key's record with the worker that shows it now.
function strangers.shown_by(ctx, fingerprint, worker, mode)
  local stranger = strangers.read(ctx, fingerprint) or { since = ctx.now_ms, reason = 'unproven' }
  stranger.worker, stranger.mode, stranger.seen = worker, mode, ctx.now_ms
  return stranger
end

-- Returns in what the key contradicts what is known of the account, if in anything.
local function contradiction(ctx, shown)
  if ctx.identity.mode ~= shown.mode then return 'other_mode' end
  if base.is_set(ctx.identity.user_id) and base.is_set(shown.user_id) and ctx.identity.user_id ~= shown.user_id then return 'other_account' end
  if shown.outcome == 'empty' and base.is_set(ctx.identity.user_id) then return 'no_invoices' end
end

-- `shown`: outcome (seen | empty | silent: answered, but tells nothing | forbidden | anything else: no answer), user_id,
-- mode, code. Returns why the key is a stranger, or nothing when it is ours.
function strangers.judge(ctx, fingerprint, shown)
  if shown.outcome == 'forbidden' then return 'forbidden' end
  local is_answer = shown.outcome == 'seen' or shown.outcome == 'empty' or shown.outcome == 'silent'
  if not is_answer then return shown.code end
  if not identity.has_keys(ctx) then return identity.begin_anew(ctx, fingerprint, shown) end
  local other = contradiction(ctx, shown)
  if not base.is_set(ctx.identity.sent) and not base.is_set(ctx.identity.may_have_sent) then
    -- Nothing is at stake yet. A key that works replaces one that nobody shows any more.
    if not other then return identity.accept_key(ctx, fingerprint, base.is_set(shown.user_id) and { user_id = shown.user_id } or {}) end
    if not identity.is_in_use(ctx) then return identity.begin_anew(ctx, fingerprint, shown) end
    return other
  end
  if other then return other end
  if base.is_set(ctx.identity.user_id) and base.is_set(shown.user_id) then return identity.accept_key(ctx, fingerprint, {}) end
  return 'unproven'
end

return strangers
