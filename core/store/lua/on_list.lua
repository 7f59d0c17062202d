-- Looks for an address on a list of recipients. ARGV: list id, code, first chunk, last chunk, address, index to skip.
-- Returns 1 or 0. The caller asks for a few chunks at a time, so that no call blocks the others for long.
local list, code, address, but = ARGV[1], ARGV[2], ARGV[5], tonumber(ARGV[6])
for chunk = tonumber(ARGV[3]), tonumber(ARGV[4]) do
  local found = redis.call('HGETALL', 'ms:a:' .. list .. ':' .. code .. ':' .. int(chunk))
  for place = 1, #found, 2 do
    local there = found[place + 1]
    if string.sub(there, 1, #address) == address and string.match(there, '^[^\31]*') == address
      and chunk * CHUNK + tonumber(found[place]) ~= but then return 1 end
  end
end
return 0
