-- Brings dead jobs back with a full budget.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV     job ids, at most 100
-- Replies  one word per id: revived | unknown | not_dead | unchangeable (it never became a job of its own) | replaced
-- needs: base, claimers, reviving
local ctx = base.begin(KEYS[1])
local words = {}
for _, id in ipairs(ARGV) do words[#words + 1] = reviving.revive(ctx, id) end
claimers.wake_one(ctx)
return words
