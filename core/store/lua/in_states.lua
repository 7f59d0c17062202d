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
  out[chunk][int(index % CHUNK)] = true
end

local function add(packed)
  local unit = find(packed, '\31', 1, true)
  found[#found + 1] = unit and sub(packed, 1, unit - 1) or packed
end

-- Those of a chunk by their places: wanted ones, or all but unwanted ones.
local function add_some(key, wanted, unwanted)
  local packed = redis.call('HGETALL', key)
  for place = 1, #packed, 2 do
    local here = packed[place]
    if unwanted and not unwanted[here] or wanted and wanted[here] then add(packed[place + 1]) end
  end
end

local function add_all(key)
  for _, one in ipairs(redis.call('HVALS', key)) do add(one) end
end

for chunk = tonumber(ARGV[4]), tonumber(ARGV[5]) do
  local key = string.format('ms:a:%s:%s:%d', list_id, code, chunk)
  if out[chunk] then
    add_some(key, nil, out[chunk])
  elseif all then
    add_all(key)
  else
    local states = redis.call('HGETALL', string.format('ms:s:%s:%s:%d', broadcast_id, code, chunk))
    local wanted, count = {}, 0
    for place = 1, #states, 2 do
      if letters[byte(states[place + 1])] then
        wanted[states[place]], count = true, count + 1
      end
    end
    -- All of a chunk, as each field that is asked for by itself is searched for from the beginning.
    if count > 0 and count == redis.call('HLEN', key) then
      add_all(key)
    elseif count > 0 then
      add_some(key, wanted, nil)
    end
  end
end
return table.concat(found, '\n')
