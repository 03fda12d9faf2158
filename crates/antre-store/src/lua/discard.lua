#!lua flags=allow-oom
-- Removes dead jobs for good; their bills stay known for the usual time.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV     job ids, at most 100
-- Replies  one word per id: discarded | not_dead
-- needs: base, jobs, bills
local ctx = base.begin(KEYS[1])
local ids = ARGV
local words, day_s = {}, 24 * 3600

for _, id in ipairs(ids) do
  local meta = jobs.read(ctx, id)
  if meta.state == 'dead' and not base.is_set(meta.duplicate_of) then
    bills.let_go(ctx, meta.external_id, id)
    jobs.forget(ctx, id, 'dead', day_s)
    base.event(ctx, 'discarded', id)
    words[#words + 1] = 'discarded'
  else
    words[#words + 1] = 'not_dead'
  end
end
return words
