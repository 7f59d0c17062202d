-- Addresses of a broadcast's deliveries that are in certain states. Arguments: broadcast id, id of its list of addresses,
-- letter of the messenger, first chunk, last chunk, letters of the states.
-- Returns them in one text, a line each, which is read much faster than as many answers.
local broadcast_id, list_id, code = ARGV[1], ARGV[2], ARGV[3]
local found, letters = {}, {}
for place = 1, #ARGV[6] do letters[string.byte(ARGV[6], place)] = true end
for chunk = tonumber(ARGV[4]), tonumber(ARGV[5]) do
  local states = redis.call('HGETALL', string.format('ms:s:%s:%s:%d', broadcast_id, code, chunk))
  local wanted, some = {}, false
  for place = 1, #states, 2 do
    if letters[string.byte(states[place + 1])] then
      wanted[states[place]], some = true, true
    end
  end
  -- All of a chunk, as each field that is asked for by itself is searched for from the beginning.
  local packed = some and redis.call('HGETALL', string.format('ms:a:%s:%s:%d', list_id, code, chunk)) or {}
  for place = 1, #packed, 2 do
    if wanted[packed[place]] then
      local one = packed[place + 1]
      local unit = string.find(one, '\31', 1, true)
      found[#found + 1] = unit and string.sub(one, 1, unit - 1) or one
    end
  end
end
return table.concat(found, '\n')
