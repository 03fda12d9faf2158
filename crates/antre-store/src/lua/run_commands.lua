-- Does one portion of the work of commands.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV     none
-- Replies  '1' if there is more, else '0'
-- needs: base, settings, pacer, command_runs
local ctx = base.begin(KEYS[1])
settings.read(ctx)
pacer.read(ctx)
return command_runs.go_on(ctx) and '1' or '0'
