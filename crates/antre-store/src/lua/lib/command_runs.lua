-- Commands do their work in bounded portions, whoever begins and whoever goes on.
-- needs: base, claimers, stream_ids, batches, commands, bill_records, cancelling, reviving
local command_runs = {}

local portion = 50

local revived_words = { revived = 'retried', unknown = 'not_found' }

local function run_for(ctx, id, command, job)
  if command.kind == 'cancel' then return cancelling.cancel(ctx, job, id, command.expire == '1') end
  return revived_words[reviving.revive(ctx, job)] or 'not_retryable'
end

-- Dead jobs that stay dead stay in front.
local function dead_jobs(ctx, command, cursor)
  return redis.call('ZRANGE', ctx.key('dead'), '-inf', command.begun_ms, 'BYSCORE', 'LIMIT', cursor, portion)
end

local function targets(ctx, command, cursor)
  if command.target == 'batch' then return batches.jobs(ctx, command.name, cursor, portion) end
  if command.target == 'all_dead' then return dead_jobs(ctx, command, cursor) end
  if cursor > 0 then return {} end
  if command.target == 'job' then return { command.name } end
  local bill = bill_records.read(ctx, command.name)
  return { bill and base.is_set(bill.job) and bill.job or nil }
end

-- Returns whether there is more to do for it.
local function run_portion(ctx, id)
  local command = commands.read(ctx, id)
  local cursor = tonumber(command.cursor)
  if not cursor then return false end
  local found = targets(ctx, command, cursor)
  local is_of_all = command.target == 'all_dead'
  local passed = 0
  for _, job in ipairs(found) do
    local word
    -- What was submitted after it is not its matter: such a bill is wanted again.
    if stream_ids.is_before(job, id) or command.target == 'job' then word = run_for(ctx, id, command, job)
    elseif command.target == 'external_id' then word = command.kind == 'cancel' and 'too_late' or 'not_retryable' end
    if word and word ~= 'known' then commands.count(ctx, id, word) end
    if not is_of_all or word ~= 'retried' then passed = passed + 1 end
  end
  -- One that is cancelled already was found in the inbox.
  if cursor == 0 and #found == 0 and not is_of_all and not base.is_set(command.cancelled) then commands.count(ctx, id, 'not_found') end
  local has_more = #found == portion
  commands.set(ctx, id, { cursor = has_more and cursor + passed or '' })
  return has_more
end

-- Does one portion of the oldest command. Returns whether there is more to do for any.
function command_runs.go_on(ctx)
  local id = redis.call('ZRANGE', ctx.key('commands'), 0, 0)[1]
  if not id then return false end
  if not run_portion(ctx, id) then
    redis.call('ZREM', ctx.key('commands'), id)
    commands.answer_later(ctx, id)
  end
  claimers.wake_one(ctx)
  return redis.call('ZCARD', ctx.key('commands')) > 0
end

return command_runs
