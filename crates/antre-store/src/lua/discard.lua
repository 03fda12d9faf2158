#!lua flags=allow-oom
-- Removes dead jobs for good; their bills stay known for the usual time.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV     job ids, at most 100
-- Replies  one word per id: discarded | not_dead
-- needs: base, ending
local ids = ARGV
local words = {}

for _, id in ipairs(ids) do
  local meta = read_hash(meta_key(id))
  if meta.state == 'dead' and not is_set(meta.duplicate_of) then
    local name = is_set(meta.external_id) and bill_key(meta.external_id)
    if name and redis.call('HGET', name, 'job') == id then redis.call('EXPIRE', name, bill_retention_s) end
    redis.call('DEL', meta_key(id))
    redis.call('HDEL', key('data'), id)
    redis.call('ZREM', key('dead'), id)
    event('discarded', id)
    words[#words + 1] = 'discarded'
  else
    words[#words + 1] = 'not_dead'
  end
end
return words
