-- A person's pause, and the pause after many rejections.
-- needs: base, pacer
local hold = {}

local rejections_to_hold = 20

function hold.begin(ctx, who, why, until_ms)
  pacer.set(ctx, { held_by = who, held_reason = why, held_at_ms = ctx.now_ms, held_until_ms = until_ms })
  base.event(ctx, 'paused', nil, why)
end

function hold.lift(ctx, why)
  pacer.clear(ctx, 'held_by', 'held_at_ms', 'held_until_ms', 'held_reason')
  base.event(ctx, 'resumed', nil, why)
end

-- A person's pause holds until it is lifted or its time is over.
function hold.is_held(ctx)
  if not base.is_set(ctx.pacer.held_at_ms) then return false end
  if not base.is_set(ctx.pacer.held_until_ms) or tonumber(ctx.pacer.held_until_ms) > ctx.now_ms then return true end
  hold.lift(ctx, 'its time is over')
  return false
end

function hold.held_us(ctx)
  return base.is_set(ctx.pacer.held_until_ms) and (tonumber(ctx.pacer.held_until_ms) - ctx.now_ms) * 1000 or 60 * 1000000
end

-- Twenty different jobs refused with one code in a row: something about the account, for a person.
function hold.note_rejected(ctx, id, code)
  if ctx.pacer.rejection_code ~= code then
    pacer.set(ctx, { rejection_code = code, rejections = 1, rejection_job = id })
  elseif ctx.pacer.rejection_job ~= id then
    pacer.set(ctx, { rejections = pacer.number(ctx, 'rejections') + 1, rejection_job = id })
  end
  if pacer.number(ctx, 'rejections') >= rejections_to_hold and not base.is_set(ctx.pacer.held_at_ms) then
    pacer.set(ctx, { rejections = 0 })
    hold.begin(ctx, 'antre', 'rejections: ' .. code)
  end
end

return hold
