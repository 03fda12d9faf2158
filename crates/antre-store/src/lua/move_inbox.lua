-- Moves the oldest entries of one account's inbox to another's: out of one and into the other in one step.
-- KEYS[1]  antre:{A}:  prefix of the keys of the account that the jobs are for
-- KEYS[2]  antre:{B}:inbox  stream: the inbox that they lie in by mistake
-- ARGV[1]  prefix of the keys of the account with that inbox
-- ARGV[2]  how many entries at most
-- ARGV[3]  after how long without a sign of life a worker is taken for gone, in milliseconds
-- Replies  { moved, number, how many are left } | { unserved } (A has no inbox) | { served } (a worker of B lives)
-- needs: base
local ctx = base.begin(KEYS[1])
local wrong_inbox, wrong_prefix = KEYS[2], ARGV[1]
local entries_max, silent_ms = tonumber(ARGV[2]), tonumber(ARGV[3])
local items_max = 1000

local function is_served()
  local heartbeats = redis.call('HVALS', wrong_prefix .. 'workers')
  for i = 1, math.min(#heartbeats, 1000) do
    local is_read, heartbeat = pcall(cjson.decode, heartbeats[i])
    local seen_ms = is_read and type(heartbeat) == 'table' and tonumber(heartbeat.seen_ms) or 0
    if ctx.now_ms - seen_ms <= silent_ms then return true end
  end
  return false
end

if redis.call('EXISTS', ctx.key('inbox')) == 0 then return { 'unserved' } end
if is_served() then return { 'served' } end
local entries = redis.call('XRANGE', wrong_inbox, '-', '+', 'COUNT', base.int(entries_max))
for _, entry in ipairs(entries) do
  redis.call('XADD', ctx.key('inbox'), '*', unpack(entry[2], 1, math.min(#entry[2], items_max)))
  redis.call('XDEL', wrong_inbox, entry[1])
end
local left = redis.call('XLEN', wrong_inbox)
-- Without its key, the next XADD with NOMKSTREAM to the wrong name is refused.
if left == 0 and redis.call('EXISTS', wrong_prefix .. 'config') == 0 then redis.call('DEL', wrong_inbox) end
return { 'moved', base.int(#entries), base.int(left) }
