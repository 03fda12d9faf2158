-- Ids of entries in a stream, `<milliseconds>-<sequence>`: their order is that of submission.
-- needs: nothing
local stream_ids = {}

-- Numbers as texts: a sequence may be larger than what Lua counts exactly.
local function is_less(one, other) return #one < #other or (#one == #other and one < other) end

-- Returns whether `id` was submitted before `other`.
function stream_ids.is_before(id, other)
  local ms, sequence = string.match(id, '^(%d+)%-(%d+)$')
  local other_ms, other_sequence = string.match(other, '^(%d+)%-(%d+)$')
  if not ms or not other_ms then return false end
  if ms ~= other_ms then return is_less(ms, other_ms) end
  return is_less(sequence, other_sequence)
end

return stream_ids
