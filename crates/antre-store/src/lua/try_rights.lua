-- Says which commands the user may run, and runs none. Refused where any script that writes would be.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV     one command each, its words parted by blanks
-- Replies  one word per command: granted | denied | denied_keys | denied_channels | unknown | untold (a server that
--          cannot be asked)
-- needs: nothing
local prefix = KEYS[1]
local asked = ARGV

local function words_of(command)
  local words = {}
  for word in string.gmatch(command, '%S+') do words[#words + 1] = word end
  return words
end

-- Only what was denied is called: Redis says then what it was denied for, and does nothing.
local function why_denied(words)
  local reply = redis.pcall(unpack(words))
  -- Some texts name the server, and `Valkey` is no key.
  local text = type(reply) == 'table' and string.gsub(reply.err, 'Valkey', '') or ''
  if string.find(text, 'run th', 1, true) then return 'denied' end
  if string.find(text, 'channel', 1, true) then return 'denied_channels' end
  return string.find(text, 'key', 1, true) and 'denied_keys' or 'denied'
end

local function ask(words)
  local is_known, is_granted = pcall(redis.acl_check_cmd, unpack(words))
  if not is_known then return 'unknown' end
  return is_granted and 'granted' or why_denied(words)
end

local replies = {}
for i, command in ipairs(asked) do
  replies[i] = redis.acl_check_cmd and ask(words_of(command)) or 'untold'
end
return replies
