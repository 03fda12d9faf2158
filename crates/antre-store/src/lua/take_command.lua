-- Takes a command out of the inbox and begins with it.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  id of the entry
-- ARGV[2]  cancel | retry
-- ARGV[3]  its jobs: job | external_id | batch | all_dead
-- ARGV[4]  id of that job, name of that bill or batch, or ''
-- ARGV[5]  '1' if no open invoice of the bills may be left, else ''
-- ARGV[6]  who asks and why, for people, or ''
-- ARGV[7]  what is wrong with it, and then nothing is done, or ''
-- Replies  '1' if there is more to do for commands, else '0'
-- needs: base, settings, pacer, foreign, commands, early_cancels, command_runs
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
local id, kind, target, name, expire, note, fault = unpack(ARGV)

if redis.call('XDEL', ctx.key('inbox'), id) == 0 then return '0' end
foreign.keep_inbox_open(ctx)
if base.is_set(fault) then
  base.event(ctx, 'command_refused', id)
  commands.tell(ctx, id, '{"command":"' .. id .. '","kind":"' .. kind .. '","error":{"code":"invalid","message":' .. cjson.encode(fault) .. '}}')
  return '0'
end
if kind == 'cancel' then base.event(ctx, 'cancel_asked', id, note) else base.event(ctx, 'retry_asked', id, note) end
commands.begin(ctx, id, { kind = kind, target = target, name = name, expire = expire })
if kind == 'cancel' then early_cancels.note(ctx, id, target, name) end
return command_runs.go_on(ctx) and '1' or '0'
