-- Reads the head of the inbox; values are cut, so that no entry is larger than a job may be.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  entries at most
-- ARGV[2]  bytes at most of one value
-- ARGV[3]  bytes at most of all values together; at least one entry is returned
-- ARGV[4]  worker name
-- Replies  [id, [field, value, ...], ...]; nothing while another worker takes a bulk in
-- needs: base
local ctx = base.begin(KEYS[1])
local entries_max, value_bytes_max, total_bytes_max, worker = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local fields_max, bulk, lease_ms = 8, 16, 250

-- One entry is taken in by whoever is first; a bulk by one worker at a time, so that no work is done twice.
if redis.call('XLEN', ctx.key('inbox')) > bulk then
  local holder = redis.call('GET', ctx.key('intake'))
  if holder and holder ~= worker then return {} end
  redis.call('SET', ctx.key('intake'), worker, 'PX', lease_ms)
end

-- One by one: an entry may be hundreds of megabytes, and only one such is held at a time.
local entries, total, from = {}, 0, '-'
for _ = 1, entries_max do
  local entry = redis.call('XRANGE', ctx.key('inbox'), from, '+', 'COUNT', '1')[1]
  if not entry then break end
  local fields = {}
  for i = 1, math.min(#entry[2], fields_max) do
    local value = entry[2][i]
    fields[i] = #value <= value_bytes_max and value or string.sub(value, 1, value_bytes_max)
    total = total + #fields[i]
  end
  if #entries > 0 and total > total_bytes_max then break end
  entries[#entries + 1] = entry[1]
  entries[#entries + 1] = fields
  from = '(' .. entry[1]
end
return entries
