-- The names of an account's keys. They share one hash tag, so every script names their prefix `antre:{A}:` as KEYS[1].
-- Those of one job, bill or worker are made each time, the others once.
-- needs: memory
local names = {}

-- Returns functions that make names.
names.of = memory.of(function(prefix)
  local account = { key = memory.of(function(name) return prefix .. name end) }
  function account.key_of(kind, id) return prefix .. kind .. id end
  function account.meta_key(id) return prefix .. 'meta:' .. id end
  function account.bill_key(external_id) return prefix .. 'external_id:' .. external_id end
  return account
end)

return names
