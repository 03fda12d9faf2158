-- Hashes that a call reads once, changes in its memory and writes once at its end: only what differs, and nothing that
-- is empty. Their tables are changed by `set` and `clear` alone, and hold texts; what else is put into them is not written.
-- needs: base
local records = {}

-- Returns the fields of what Redis lists as field, value, ...
function records.fields_of(flat)
  local hash = {}
  for i = 1, #flat, 2 do hash[flat[i]] = flat[i + 1] end
  return hash
end

-- Returns the fields of a hash that this call does not change by `set`.
function records.fields(name) return records.fields_of(redis.call('HGETALL', name)) end

-- `before` has what each field was that was set: '' if there was none.
local function write(name, record)
  -- With room for nine fields: a list that grows is made anew each time that it doubles.
  local set, last = { 'HSET', name, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil }, 2
  local now, gone = record.now, nil
  for field, before in pairs(record.before) do
    local value = now[field]
    if not value then
      if before ~= '' then
        gone = gone or { 'HDEL', name }
        gone[#gone + 1] = field
      end
    elseif value ~= before then
      set[last + 1], set[last + 2] = field, value
      last = last + 2
    end
  end
  if last > 2 then redis.call(unpack(set, 1, last)) end
  if gone then redis.call(unpack(gone)) end
  if record.keep_s == 0 then redis.call('PERSIST', name) elseif record.keep_s then redis.call('EXPIRE', name, record.keep_s) end
end

local function write_all(ctx) for name, record in pairs(ctx.records) do write(name, record) end end

local function note(ctx, name, now)
  local record = { now = now, before = {} }
  ctx.records[name] = record
  base.at_end(ctx, 'records', write_all)
  return record
end

local function found(ctx, name) return ctx.records[name] or note(ctx, name, records.fields(name)) end

-- Returns the fields of the hash `name`, as they are by now.
function records.read(ctx, name) return found(ctx, name).now end

-- Returns one field of the hash `name`, as it is by now; the others need not be read for that.
function records.field(ctx, name, field)
  local record = ctx.records[name]
  if record then return record.now[field] end
  return redis.call('HGET', name, field)
end

local function change(record, fields)
  local now, before = record.now, record.before
  for field, value in pairs(fields) do
    if type(value) == 'number' then value = base.int(value) elseif value == '' then value = nil end
    local last = now[field]
    if value ~= last then
      if before[field] == nil then before[field] = last or '' end
      now[field] = value
    end
  end
end

-- The hash is known to be missing.
function records.begin(ctx, name, fields) change(note(ctx, name, {}), fields) end

function records.set(ctx, name, fields) change(found(ctx, name), fields) end

-- `fields`: a list of names.
function records.clear(ctx, name, fields)
  local record = found(ctx, name)
  local now, before = record.now, record.before
  for i = 1, #fields do
    local field = fields[i]
    local last = now[field]
    if last then
      if before[field] == nil then before[field] = last end
      now[field] = nil
    end
  end
end

function records.expire(ctx, name, seconds) found(ctx, name).keep_s = seconds end

function records.persist(ctx, name) records.expire(ctx, name, 0) end

function records.delete(ctx, name)
  redis.call('DEL', name)
  records.begin(ctx, name, {})
end

return records
