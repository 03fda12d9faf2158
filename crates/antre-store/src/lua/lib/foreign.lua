-- Keys that another program wrote: Redis does not roll back, so they are found before anything is taken.
-- needs: base
local foreign = {}

local day_ms = 24 * 3600 * 1000

-- Returns nothing if the key can be used as a `kind`.
function foreign.of_type(name, kind)
  local found = redis.call('TYPE', name).ok
  if found == 'none' or found == kind then return nil end
  return 'the key ' .. name .. ' is no ' .. kind .. ' but a ' .. found
end

-- Returns what keeps every entry of this account from being taken in.
function foreign.of_account(ctx)
  local needed = { inbox = 'stream', data = 'hash', totals = 'hash', events = 'stream', ended = 'stream',
    high = 'zset', normal = 'zset', low = 'zset', scheduled = 'zset', done = 'zset', dead = 'zset', suspects = 'zset',
    ['stats:' .. base.int(math.floor(ctx.now_ms / 60000))] = 'hash' }
  for name, kind in pairs(needed) do
    local fault = foreign.of_type(ctx.key(name), kind)
    if fault then return fault end
  end
end

-- Keys of the job's own id are nobody else's.
function foreign.clear_own(ctx, id)
  redis.call('DEL', ctx.meta_key(id), ctx.key_of('duplicates:', id))
end

-- Those of its bill, as `bills.read` returned it, are a person's to mend.
function foreign.of_bill(ctx, external_id, bill)
  if not bill then return 'the key ' .. ctx.bill_key(external_id) .. ' is no bill' end
  local first = bill.job
  return base.is_set(first) and (foreign.of_type(ctx.meta_key(first), 'hash') or foreign.of_type(ctx.key_of('duplicates:', first), 'list'))
end

-- Makes the inbox if it is missing, and anew if its last id is in the future: later ids must be larger, so they would
-- all be in the future, and behind the largest that there is comes none.
function foreign.keep_inbox_open(ctx)
  local inbox, last = ctx.key('inbox'), 0
  if redis.call('XLEN', inbox) > 0 then return end
  if redis.call('EXISTS', inbox) == 1 then
    local info = redis.call('XINFO', 'STREAM', inbox)
    for i = 1, #info, 2 do
      if info[i] == 'last-generated-id' then last = tonumber(string.match(info[i + 1], '^%d+')) end
    end
    if last <= tonumber(redis.call('TIME')[1]) * 1000 + day_ms then return end
  end
  redis.call('DEL', inbox)
  redis.call('XDEL', inbox, redis.call('XADD', inbox, '*', 'created', '1'))
end

return foreign
