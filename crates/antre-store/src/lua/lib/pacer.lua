-- The account's state that steers every request, in the hash `pacer`: pace, pauses, breaker, clock, rechecks.
-- needs: base
local pacer = {}

function pacer.read(ctx) ctx.pacer = base.read_hash(ctx.key('pacer')) end

function pacer.number(ctx, name) return tonumber(ctx.pacer[name]) or 0 end

-- In `trouble_by` and `limited_by`, for several workers: none has this name.
pacer.many = '*'

-- A script that only writes need not have read it.
function pacer.set(ctx, fields)
  for field, value in pairs(ctx.pacer and fields or {}) do
    ctx.pacer[field] = type(value) == 'number' and base.int(value) or value
  end
  base.write_hash(ctx.key('pacer'), fields)
end

function pacer.clear(ctx, ...)
  for _, field in ipairs(ctx.pacer and { ... } or {}) do ctx.pacer[field] = nil end
  redis.call('HDEL', ctx.key('pacer'), ...)
end

return pacer
