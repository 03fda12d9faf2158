#!lua flags=allow-oom
-- What became of requests, one after the other as if each had a call of its own.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV     nine for each request: which finish (done | retry | dead | follow_up | probe | read), worker name, id of the job,
--          follow-up or read, or the fingerprint of a probe's key, claim token, Rate-Limit-Remaining or '', Rate-Limit-Limit or '',
--          Rate-Limit-Reset in microseconds or '', the answer (JSON object of strings, see each finish), the response
--          of an invoice that ends its job (JSON text or '')
-- Replies  one list for each request: what its finish returns, or { failed, why }
-- needs: base, settings, pacer, identity, foreign, moves, finish_done, finish_retry, finish_dead, finish_follow_up, finish_probe, finish_read
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
identity.read(ctx)
local requests, each = ARGV, 9
local finishes = { done = finish_done, retry = finish_retry, dead = finish_dead, follow_up = finish_follow_up, probe = finish_probe,
  read = finish_read }

local function finish(i)
  local request = { worker = requests[i + 1], id = requests[i + 2], claim_token = requests[i + 3],
    quota = { remaining = requests[i + 4], limit = requests[i + 5], reset_us = requests[i + 6] } }
  local answer = cjson.decode(requests[i + 7])
  if requests[i + 8] ~= '' then answer.response = requests[i + 8] end
  return finishes[requests[i]].apply(ctx, request, answer)
end

-- A set that another program replaced fails those alone that need it.
for _, name in ipairs(#requests > 2 * each and { 'leases', 'done' } or {}) do
  if not foreign.of_type(ctx.key(name), 'zset') then moves.gather(ctx, name) end
end
local replies = {}
for i = 1, #requests, each do
  -- One that meets a key of another program must not keep the others from their ends.
  local is_finished, reply = pcall(finish, i)
  if not is_finished then reply = { 'failed', type(reply) == 'table' and reply.err or reply } end
  replies[#replies + 1] = reply
end
return replies
