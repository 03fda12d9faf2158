-- Why nothing is granted to a worker now, and how long it need not ask again.
-- needs: base, pace, lapse, claimers, turn
local waits = {}

local longest_rest_ms = 60000

-- Returns the reply that says why no request may leave now, if that is so, and until when creates wait (us).
function waits.obstacle(ctx, claimer)
  local at, reason = pace.earliest_us(ctx)
  local creates_at, all_at = turn.breaker_instants(ctx, claimer)
  if all_at > at then at, reason = all_at, 'breaker' end
  if at <= ctx.now_us then return nil, creates_at end
  if reason == 'breaker' then claimers.sleep(ctx, claimer.worker) else at = claimers.next_turn_us(ctx, claimer.worker, at) end
  return { 'wait', base.int(at - ctx.now_us), reason }
end

-- Returns the reply that says that nothing is ready, if that is so.
function waits.idleness(ctx, claimer)
  if not turn.is_idle(ctx, claimer) then return nil end
  claimers.sleep(ctx, claimer.worker)
  return { 'idle', base.int(lapse.next_due_ms(ctx)) }
end

-- Returns how long nothing more is granted to this worker (us) after grants, and perhaps the refusal of another one; 0 if
-- there may be more at once.
function waits.rest_us(ctx, claimer, refusal)
  local told = refusal or waits.idleness(ctx, claimer) or waits.obstacle(ctx, claimer)
  if not told or told[1] == 'again' then return 0 end
  if told[1] == 'wait' then return tonumber(told[2]) end
  local due_ms = tonumber(told[2])
  return (due_ms < 0 and longest_rest_ms or due_ms) * 1000
end

return waits
