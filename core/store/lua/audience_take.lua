-- Takes recipients off a list. ARGV: list id, then for each: messenger's letter, bucket, address. Returns how many were on it.
local meta, gone = 'ms:aud:' .. ARGV[1], 0
for place = 2, #ARGV, 3 do
  local code = ARGV[place]
  if redis.call('HDEL', meta .. ':' .. code .. ':' .. ARGV[place + 1], ARGV[place + 2]) == 1 then
    gone = gone + 1
    redis.call('HINCRBY', meta, 'n:' .. code, -1)
  end
end
return gone
