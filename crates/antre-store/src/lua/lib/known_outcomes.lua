-- The outcomes that each finish script takes, in the words of antre_core::job_outcome. Any other is refused before
-- the first write, because Redis takes nothing back. tests/tidy compares them with the enums and with PROTOCOL.md.
-- needs: nothing
local known_outcomes = {}

known_outcomes.done = { created = true, adopted = true }

known_outcomes.dead = { rejected = true, found = true }

known_outcomes.retry = { absent = true, expire_first = true, ambiguous = true, not_sent = true, lookup_failed = true,
  refused = true, key_refused = true, limited = true, expired = true, abandoned = true }

known_outcomes.follow_up = { done = true, not_sent = true, lookup_failed = true, refused = true, key_refused = true, limited = true }

known_outcomes.probe = { seen = true, empty = true, silent = true, forbidden = true, key_refused = true, limited = true,
  not_sent = true, lookup_failed = true }

known_outcomes.read = { answered = true, not_sent = true, lookup_failed = true, key_refused = true, limited = true }

-- Returns the reply to an outcome that is none of these, or nothing.
function known_outcomes.refusal(known, outcome)
  if not known[outcome] then return { 'failed', 'ERR unknown outcome' } end
end

return known_outcomes
