-- Addresses of a broadcast's deliveries that are in certain states. Arguments: broadcast id, id of its list of addresses,
-- letter of the messenger, first chunk, last chunk, letters of the states.
-- Returns them in one text, a line each, which is read much faster than as many answers.
local broadcast_id, list_id, code = ARGV[1], ARGV[2], ARGV[3]
local found, letters = {}, {}
for place = 1, #ARGV[6] do letters[string.byte(ARGV[6], place)] = true end

local function add(packed)
  local unit = string.find(packed, '\31', 1, true)
  found[#found + 1] = unit and string.sub(packed, 1, unit - 1) or packed
end

for chunk = tonumber(ARGV[4]), tonumber(ARGV[5]) do
  local states = redis.call('HGETALL', string.format('ms:s:%s:%s:%d', broadcast_id, code, chunk))
  local wanted, count = {}, 0
  for place = 1, #states, 2 do
    if letters[string.byte(states[place + 1])] then
      wanted[states[place]], count = true, count + 1
    end
  end
  local key = string.format('ms:a:%s:%s:%d', list_id, code, chunk)
  -- All of a chunk, as each field that is asked for by itself is searched for from the beginning.
  if count > 0 and count == redis.call('HLEN', key) then
    for _, one in ipairs(redis.call('HVALS', key)) do add(one) end
  elseif count > 0 then
    local packed = redis.call('HGETALL', key)
    for place = 1, #packed, 2 do
      if wanted[packed[place]] then add(packed[place + 1]) end
    end
  end
end
return table.concat(found, '\n')
