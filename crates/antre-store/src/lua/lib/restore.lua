-- Back to what a claim found: the request of this claim certainly had no effect.
local function restored(meta)
  local fields = { effective_until = meta.previous_effective_until or '' }
  if meta.step == 'create' then fields.creates = math.max(0, (tonumber(meta.creates) or 0) - 1) end
  return fields
end

local function drop_fence(id) redis.call('HDEL', meta_key(id), 'fence', 'locked_by', 'locked_at') end

-- What an outcome says about Xendit, the network and the key, whoever holds the job by now.
local function note_outcome(outcome, id, code, wait_us)
  if outcome == 'abandoned' then return end
  if outcome == 'not_sent' then return note_trouble(id, code, true) end
  note_sent()
  if outcome == 'lookup_failed' then note_trouble(id, code, true)
  elseif outcome == 'ambiguous' or outcome == 'refused' then note_trouble(id, code, false)
  elseif outcome == 'key_refused' then note_key_refused(code)
  elseif outcome == 'limited' then note_limited(wait_us)
  else note_answered() end
end
