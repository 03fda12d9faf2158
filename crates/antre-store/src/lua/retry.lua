-- Brings dead jobs back with a full budget.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV     job ids, at most 100
-- Replies  one word per id: revived | unknown | not_dead | unchangeable (it never became a job of its own) | replaced
-- needs: base, job, ending
local ids = ARGV

local function revive(id)
  local meta = read_hash(meta_key(id))
  if not meta.state then return 'unknown' end
  if meta.state ~= 'dead' or is_set(meta.duplicate_of) then return 'not_dead' end
  if not is_set(meta.origin) then return 'unchangeable' end
  local name = bill_key(meta.external_id)
  local bill = read_hash(name)
  if bill.job ~= id then return 'replaced' end
  redis.call('HSET', name, 'state', 'open', 'closed_before', int(now_ms))
  redis.call('PERSIST', name)
  local has_sent = (tonumber(meta.creates) or 0) > 0 or is_set(meta.touched) or bill.sent == '1'
  local fields = { attempts = 0, tries = 0, crashes = 0, limited = 0, refused_at = '', pending_charge = '',
    error_code = '', error_message = '', error_status = '', lookup_failed_at = '', create_failed_at = '', own_failures = 0, step = (has_sent or is_set(meta.check_first)) and 'lookup' or 'create' }
  if has_sent and not is_set(meta.effective_until) then
    fields.effective_until = is_set(bill.effective_until) and bill.effective_until or '1'
  end
  meta.ready_us = int(next_ready_us())
  fields.ready_us = meta.ready_us
  redis.call('HDEL', meta_key(id), 'result', 'ended_at')
  redis.call('DEL', key('result:' .. id))
  to_waiting(id, meta, fields)
  for _, duplicate in ipairs(redis.call('LRANGE', key('duplicates:' .. id), 0, duplicates_max - 1)) do
    redis.call('HDEL', meta_key(duplicate), 'result', 'ended_at')
    redis.call('DEL', key('result:' .. duplicate))
    set_state(duplicate, 'waiting', { error_code = '', error_message = '', error_status = '' })
    redis.call('PERSIST', meta_key(duplicate))
  end
  redis.call('PERSIST', key('duplicates:' .. id))
  count('revived')
  count_batch(meta.batch, 'dead', -1)
  event('revived', id)
  return 'revived'
end

local words = {}
for _, id in ipairs(ids) do words[#words + 1] = revive(id) end
wake()
return words
