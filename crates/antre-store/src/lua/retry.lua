-- Brings dead jobs back with a full budget.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV     job ids, at most 100
-- Replies  one word per id: revived | unknown | not_dead | unchangeable (it never became a job of its own) | replaced
-- needs: base, jobs, ending
local ctx = base.begin(KEYS[1])
local ids = ARGV

local function revive(id)
  local meta = base.read_hash(ctx.meta_key(id))
  if not meta.state then return 'unknown' end
  if meta.state ~= 'dead' or base.is_set(meta.duplicate_of) then return 'not_dead' end
  if not base.is_set(meta.origin) then return 'unchangeable' end
  local name = ctx.bill_key(meta.external_id)
  local bill = base.read_hash(name)
  if bill.job ~= id then return 'replaced' end
  redis.call('HSET', name, 'state', 'open', 'closed_before', base.int(ctx.now_ms))
  redis.call('PERSIST', name)
  local has_sent = (tonumber(meta.creates) or 0) > 0 or base.is_set(meta.touched) or bill.sent == '1'
  local fields = { attempts = 0, tries = 0, crashes = 0, limited = 0, refused_at = '', pending_charge = '',
    error_code = '', error_message = '', error_status = '', lookup_failed_at = '', create_failed_at = '', own_failures = 0, request = (has_sent or base.is_set(meta.check_first)) and 'lookup' or 'create' }
  if has_sent and not base.is_set(meta.effective_until) then
    fields.effective_until = base.is_set(bill.effective_until) and bill.effective_until or '1'
  end
  meta.ready_us = base.int(jobs.next_ready_us(ctx))
  fields.ready_us = meta.ready_us
  redis.call('HDEL', ctx.meta_key(id), 'result', 'ended_at')
  redis.call('DEL', ctx.key('result:' .. id))
  jobs.to_waiting(ctx, id, meta, fields)
  for _, duplicate in ipairs(redis.call('LRANGE', ctx.key('duplicates:' .. id), 0, ending.duplicates_max - 1)) do
    redis.call('HDEL', ctx.meta_key(duplicate), 'result', 'ended_at')
    redis.call('DEL', ctx.key('result:' .. duplicate))
    jobs.set_state(ctx, duplicate, 'waiting', { error_code = '', error_message = '', error_status = '' })
    redis.call('PERSIST', ctx.meta_key(duplicate))
  end
  redis.call('PERSIST', ctx.key('duplicates:' .. id))
  base.count(ctx, 'revived')
  base.count_batch(ctx, meta.batch, 'dead', -1)
  base.event(ctx, 'revived', id)
  return 'revived'
end

local words = {}
for _, id in ipairs(ids) do words[#words + 1] = revive(id) end
base.wake(ctx)
return words
