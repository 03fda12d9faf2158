-- What programs ask for through the inbox: to cancel, or to retry. `command:<id>` has what is asked for and what became of
-- it so far; `commands` those whose jobs were not all looked at yet. The answer stands in the result of the command's id. It
-- is written when all jobs were looked at, and again when more becomes of them.
-- needs: base, settings, stream_ids, records
local commands = {}

local counted = { cancel = { 'cancelled', 'resolving', 'expired', 'paid', 'not_found', 'too_late' },
  retry = { 'retried', 'not_retryable', 'not_found' } }
-- A job that is cancelled again and again while it is resolved answers the last of them.
local waiting_max = 10

local function retention_s(ctx) return math.floor(settings.number(ctx, 'retention_done_ms') / 1000) end

function commands.read(ctx, id) return records.read(ctx, ctx.key_of('command:', id)) end

function commands.set(ctx, id, fields) records.set(ctx, ctx.key_of('command:', id), fields) end

local function answer(ctx, id, command)
  local parts = { '{"command":"' .. id .. '","kind":"' .. command.kind .. '"' }
  for _, word in ipairs(counted[command.kind]) do parts[#parts + 1] = '"' .. word .. '":' .. (command[word] or '0') end
  commands.tell(ctx, id, table.concat(parts, ',') .. ',"error":null}')
end

local function answer_all(ctx)
  for id in pairs(ctx.answers) do
    local command = commands.read(ctx, id)
    if counted[command.kind] and not base.is_set(command.cursor) then answer(ctx, id, command) end
  end
end

-- Its result is written at the end of this call, if all its jobs were looked at by then.
function commands.answer_later(ctx, id)
  ctx.answers = ctx.answers or {}
  ctx.answers[id] = true
  base.at_end(ctx, 'answers', answer_all)
end

function commands.tell(ctx, id, text)
  local list = ctx.key_of('result:', id)
  redis.call('DEL', list)
  redis.call('RPUSH', list, text)
  redis.call('EXPIRE', list, retention_s(ctx))
end

function commands.begin(ctx, id, fields)
  local name = ctx.key_of('command:', id)
  redis.call('DEL', name)
  fields.cursor, fields.begun_ms = 0, ctx.now_ms
  records.begin(ctx, name, fields)
  records.expire(ctx, name, retention_s(ctx))
  redis.call('ZADD', ctx.key('commands'), base.int(ctx.now_ms), id)
end

function commands.count(ctx, id, word, by)
  local command = commands.read(ctx, id)
  -- It may be forgotten.
  if not command.kind then return end
  commands.set(ctx, id, { [word] = math.max(0, (tonumber(command[word]) or 0) + (by or 1)) })
  commands.answer_later(ctx, id)
end

-- Returns the ids of `waiting`, blank between, with `id` as the last one.
function commands.with(waiting, id)
  local ids = {}
  for one in string.gmatch(waiting or '', '%S+') do if one ~= id then ids[#ids + 1] = one end end
  ids[#ids + 1] = id
  return table.concat(ids, ' ', math.max(1, #ids - waiting_max + 1))
end

function commands.is_among(waiting, id) return string.find(' ' .. (waiting or '') .. ' ', ' ' .. id .. ' ', 1, true) ~= nil end

-- What `waiting` waited for has become `word`.
function commands.resolve(ctx, waiting, word)
  for id in string.gmatch(waiting or '', '%S+') do
    commands.count(ctx, id, 'resolving', -1)
    commands.count(ctx, id, word)
  end
end

-- The bill was submitted again as `id`: a later word than those of `waiting` that were before it. Returns the others.
function commands.overrule(ctx, waiting, id)
  local others = {}
  for one in string.gmatch(waiting, '%S+') do
    if stream_ids.is_before(one, id) then commands.resolve(ctx, one, 'too_late') else others[#others + 1] = one end
  end
  return table.concat(others, ' ')
end

return commands
