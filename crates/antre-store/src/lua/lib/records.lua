-- Hashes that a call reads once, changes in its memory and writes once at its end: only what differs, and nothing that
-- is empty. Their tables are changed by `set` alone; what else is put into them is not written.
-- needs: base
local records = {}

-- Returns the fields of a hash that this call does not change by `set`.
function records.fields(name)
  local flat, hash = redis.call('HGETALL', name), {}
  for i = 1, #flat, 2 do hash[flat[i]] = flat[i + 1] end
  return hash
end

local function write(name, record)
  local set, gone = {}, {}
  for field in pairs(record.changed) do
    local value = record.now[field]
    if value == nil then gone[#gone + 1] = field
    else
      set[#set + 1] = field
      set[#set + 1] = value
    end
  end
  if #set > 0 then redis.call('HSET', name, unpack(set)) end
  if #gone > 0 then redis.call('HDEL', name, unpack(gone)) end
  if record.keep_s == 0 then redis.call('PERSIST', name) elseif record.keep_s then redis.call('EXPIRE', name, record.keep_s) end
end

local function write_all(ctx)
  for name, record in pairs(ctx.records) do write(name, record) end
end

local function begin(ctx, name, fields)
  ctx.records[name] = { now = fields, changed = {} }
  base.at_end(ctx, 'records', write_all)
  return fields
end

-- Returns the fields of the hash `name`, as they are by now.
function records.read(ctx, name)
  local record = ctx.records[name]
  return record and record.now or begin(ctx, name, records.fields(name))
end

-- The hash is known to be missing.
function records.begin(ctx, name, fields)
  begin(ctx, name, {})
  records.set(ctx, name, fields)
  return ctx.records[name].now
end

function records.set(ctx, name, fields)
  local now = records.read(ctx, name)
  local changed = ctx.records[name].changed
  for field, value in pairs(fields) do
    if type(value) == 'number' then value = base.int(value) elseif value == '' then value = nil end
    if now[field] ~= value then now[field], changed[field] = value, true end
  end
end

function records.clear(ctx, name, ...)
  local gone = {}
  for _, field in ipairs({ ... }) do gone[field] = '' end
  records.set(ctx, name, gone)
end

function records.expire(ctx, name, seconds)
  records.read(ctx, name)
  ctx.records[name].keep_s = seconds
end

function records.persist(ctx, name) records.expire(ctx, name, 0) end

function records.delete(ctx, name)
  redis.call('DEL', name)
  begin(ctx, name, {})
end

return records
