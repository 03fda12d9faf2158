-- A person cancels a job if no request of it can have had an effect. It needs no worker, and is the last word about the bill.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  job id
-- Replies  { cancelled } | { unknown } | { too_late, state } | { ended, state }
-- needs: base, settings, pacer, jobs, cancelling
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
local id = ARGV[1]
local last_word = '99999999999999999999-0'

local meta = jobs.read(ctx, id)
local state, is_duplicate = meta.state, base.is_set(meta.duplicate_of)
if not state then return { 'unknown' } end
if state == 'cancelled' then return { 'ended', state } end
if cancelling.cancel(ctx, id, last_word, false) == 'cancelled' then return { 'cancelled' } end
if state == 'done' or state == 'dead' then return { 'ended', state } end
if state == 'running' then return { 'too_late', 'running' } end
if is_duplicate then return { 'too_late', 'duplicate' } end
return { 'too_late', 'ambiguous' }
