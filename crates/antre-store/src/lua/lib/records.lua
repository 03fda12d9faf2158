-- Hashes that a call reads once, changes in its memory and writes once at its end: only what differs, and nothing that
-- is empty. Their tables are changed by `set` alone; what else is put into them is not written.
-- needs: base
local records = {}

local function hash_of(flat)
  local hash = {}
  for i = 1, #flat, 2 do hash[flat[i]] = flat[i + 1] end
  return hash
end

-- Returns the fields of a hash that this call does not change by `set`.
function records.fields(name) return hash_of(redis.call('HGETALL', name)) end

local function write(name, record)
  local now, set, gone = record.now, {}, nil
  for field in pairs(record.changed or now) do
    local value = now[field]
    if value == nil then
      gone = gone or {}
      gone[#gone + 1] = field
    else
      local last = #set
      set[last + 1], set[last + 2] = field, value
    end
  end
  if set[1] then redis.call('HSET', name, unpack(set)) end
  if gone then redis.call('HDEL', name, unpack(gone)) end
  if record.keep_s == 0 then redis.call('PERSIST', name) elseif record.keep_s then redis.call('EXPIRE', name, record.keep_s) end
end

local function write_all(ctx) for name, record in pairs(ctx.records) do write(name, record) end end

local function note(ctx, name, record)
  ctx.records[name] = record
  base.at_end(ctx, 'records', write_all)
  return record
end

local function found(ctx, name)
  local record = ctx.records[name]
  if record then return record end
  local flat = redis.call('HGETALL', name)
  return note(ctx, name, { now = hash_of(flat), changed = {}, flat = flat })
end

-- Returns the fields of the hash `name`, as they are by now.
function records.read(ctx, name) return found(ctx, name).now end

-- Returns the same as field, value, ...; of a field that stands twice the later value.
function records.flat(ctx, name)
  local record = found(ctx, name)
  local flat = record.flat
  for field in pairs(record.changed) do
    local last = #flat
    flat[last + 1], flat[last + 2] = field, record.now[field] or ''
  end
  return flat
end

-- As texts; nothing for what is empty.
local function text_of(value)
  if type(value) == 'number' then return base.int(value) end
  if value ~= '' then return value end
end

-- The hash is known to be missing. `fields` are its own from now on.
function records.begin(ctx, name, fields)
  for field, value in pairs(fields) do fields[field] = text_of(value) end
  return note(ctx, name, { now = fields }).now
end

function records.set(ctx, name, fields)
  local record = found(ctx, name)
  local now, changed = record.now, record.changed
  for field, value in pairs(fields) do
    value = text_of(value)
    if now[field] ~= value then
      now[field] = value
      if changed then changed[field] = true end
    end
  end
end

function records.clear(ctx, name, ...)
  local gone = {}
  for _, field in ipairs({ ... }) do gone[field] = '' end
  records.set(ctx, name, gone)
end

function records.expire(ctx, name, seconds) found(ctx, name).keep_s = seconds end

function records.persist(ctx, name) records.expire(ctx, name, 0) end

function records.delete(ctx, name)
  redis.call('DEL', name)
  records.begin(ctx, name, {})
end

return records
