-- Addresses of a broadcast's deliveries that are in certain states. Arguments: broadcast id, id of its list of addresses,
-- letter of the messenger, first chunk, last chunk, letters of the states; or no letters for all deliveries, then the
-- indexes of those to leave out.
-- Returns them in one text, a line each, which is read much faster than as many answers.
local broadcast_id, list_id, code, all = ARGV[1], ARGV[2], ARGV[3], ARGV[6] == ''
local found, letters, out = {}, {}, {}
local byte, find, sub = string.byte, string.find, string.sub
for place = 1, #ARGV[6] do letters[byte(ARGV[6], place)] = true end
for place = 7, #ARGV do
  local index = tonumber(ARGV[place])
  local chunk = math.floor(index / CHUNK)
  out[chunk] = out[chunk] or {}
  table.insert(out[chunk], int(index % CHUNK))
end

local function add(packed)
  local unit = find(packed, '\31', 1, true)
  found[#found + 1] = unit and sub(packed, 1, unit - 1) or packed
end

-- All of a chunk but those in some fields.
local function add_but(key, fields)
  local unwanted = {}
  if #fields > 0 then
    for _, packed in ipairs(redis.call('HMGET', key, unpack(fields))) do unwanted[packed] = true end
  end
  for _, packed in ipairs(redis.call('HVALS', key)) do
    if not unwanted[packed] then add(packed) end
  end
end

-- Whichever is less to read: those wanted, or all of the chunk and those not wanted.
local function add_in_states(key, states)
  local wanted, others = {}, {}
  for place = 1, #states, 2 do
    local fields = letters[byte(states[place + 1])] and wanted or others
    fields[#fields + 1] = states[place]
  end
  if #wanted > #others and #wanted + #others == redis.call('HLEN', key) then
    add_but(key, others)
  elseif #wanted > 0 then
    for _, packed in ipairs(redis.call('HMGET', key, unpack(wanted))) do add(packed) end
  end
end

for chunk = tonumber(ARGV[4]), tonumber(ARGV[5]) do
  local key = string.format('ms:a:%s:%s:%d', list_id, code, chunk)
  if all then
    add_but(key, out[chunk] or {})
  else
    add_in_states(key, redis.call('HGETALL', string.format('ms:s:%s:%s:%d', broadcast_id, code, chunk)))
  end
end
return table.concat(found, '\n')
