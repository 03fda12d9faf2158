-- The account's state that steers every request, in the hash `pacer`: pace, pauses, breaker, clock, rechecks.
-- needs: records
local pacer = {}

function pacer.read(ctx) ctx.pacer = records.read(ctx, ctx.key('pacer')) end

function pacer.number(ctx, name)
  local value = ctx.pacer[name]
  return value and tonumber(value) or 0
end

-- In `trouble_by` and `limited_by`, for several workers: none has this name.
pacer.many = '*'

-- A script that only writes need not have read it.
function pacer.set(ctx, fields) records.set(ctx, ctx.key('pacer'), fields) end

function pacer.clear(ctx, ...) records.clear(ctx, ctx.key('pacer'), { ... }) end

return pacer
