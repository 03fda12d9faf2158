-- The limits and times in force: `config`, which the worker that started last has written.
-- needs: base, memory
local settings = {}

local own_delay_max_ms = 60000

-- Returns the fields in a JSON text; none in anything else.
function settings.parse(text)
  local is_read, fields = pcall(cjson.decode, text or '')
  return is_read and type(fields) == 'table' and fields or {}
end

local parsed = memory.of(settings.parse)

-- Another program may have put something else there: the account has no settings then.
function settings.read(ctx) ctx.settings = parsed(base.text(ctx.key('config')) or '') end

-- Returns field, value, ... as a hash would be read.
function settings.flat(ctx)
  local flat = {}
  for field, value in pairs(ctx.settings) do
    flat[#flat + 1] = field
    flat[#flat + 1] = value
  end
  return flat
end

local number_of = memory.of(function(text) return tonumber(text) or 0 end)
function settings.number(ctx, name)
  local text = ctx.settings[name]
  return text and number_of(text) or 0
end

local limits_of = memory.of(function(text)
  local limits = {}
  for requests, window_us in string.gmatch(text, '(%d+):(%d+)') do
    limits[#limits + 1] = { requests = tonumber(requests), window_us = tonumber(window_us) }
  end
  return limits
end)

-- Returns the account's limits; the first sets the pace.
function settings.limits(ctx) return limits_of(ctx.settings.limits or '') end

-- Returns the wait (ms) at a position of the retry schedule, from 1; past its end the last one.
function settings.retry_delay_ms(ctx, wanted)
  local position, delay = 0, 0
  for text in string.gmatch(ctx.settings.retry_delays or '', '%d+') do
    position = position + 1
    delay = tonumber(text)
    if position >= wanted then break end
  end
  return delay
end

-- Returns the wait (ms) after failure number `times` that is the job's own: the last delay, doubled each time.
function settings.own_delay_ms(ctx, times)
  local last = settings.retry_delay_ms(ctx, 1000)
  return math.max(last, math.min(own_delay_max_ms, last * 2 ^ math.min(times - 1, 20)))
end

return settings
