-- A person's pause, and the pause after many rejections.
-- needs: base, pacer
local pause = {}

local rejections_to_hold = 20

function pause.begin(ctx, who, why, until_ms)
  pacer.set(ctx, { paused_by = who, pause_why = why, paused_at_ms = ctx.now_ms, paused_until_ms = until_ms })
  base.event(ctx, 'paused', nil, why)
end

function pause.lift(ctx, why)
  pacer.clear(ctx, 'paused_by', 'paused_at_ms', 'paused_until_ms', 'pause_why')
  base.event(ctx, 'resumed', nil, why)
end

-- A person's pause holds until it is lifted or its time is over.
function pause.is_on(ctx)
  if not base.is_set(ctx.pacer.paused_at_ms) then return false end
  if not base.is_set(ctx.pacer.paused_until_ms) or tonumber(ctx.pacer.paused_until_ms) > ctx.now_ms then return true end
  pause.lift(ctx, 'its time is over')
  return false
end

function pause.left_us(ctx)
  return base.is_set(ctx.pacer.paused_until_ms) and (tonumber(ctx.pacer.paused_until_ms) - ctx.now_ms) * 1000 or 60 * 1000000
end

-- Twenty different jobs refused with one code in a row: something about the account, for a person.
function pause.note_rejected(ctx, id, code)
  if ctx.pacer.rejection_code ~= code then
    pacer.set(ctx, { rejection_code = code, rejections = 1, rejection_job = id })
  elseif ctx.pacer.rejection_job ~= id then
    pacer.set(ctx, { rejections = pacer.number(ctx, 'rejections') + 1, rejection_job = id })
  end
  if pacer.number(ctx, 'rejections') >= rejections_to_hold and not base.is_set(ctx.pacer.paused_at_ms) then
    pacer.clear(ctx, 'rejections')
    pause.begin(ctx, 'antre', 'rejections: ' .. code)
  end
end

return pause
