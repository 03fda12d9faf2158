-- Cancels a job of which no request can have had an effect.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  job id
-- Replies  { cancelled } | { unknown } | { too_late, state } | { ended, state }
-- needs: base, settings, pacer, jobs, ending
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
local id = ARGV[1]

local meta = jobs.read(ctx, id)
if not meta.state then return { 'unknown' } end
if meta.state ~= 'waiting' and meta.state ~= 'scheduled' then
  return { meta.state == 'running' and 'too_late' or 'ended', meta.state }
end
if base.is_set(meta.duplicate_of) then return { 'too_late', 'duplicate' } end
if base.is_set(meta.effective_until) or meta.request == 'expire' then return { 'too_late', 'ambiguous' } end
ending.end_job(ctx, id, meta, 'cancelled', {})
base.event(ctx, 'cancelled', id)
return { 'cancelled' }
