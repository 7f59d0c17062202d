-- Puts recipients on a list. ARGV: list id, how many variables, their names, then for each recipient: messenger's letter,
-- bucket, address, the rest of its entry. An empty rest leaves what stands. Returns how many are new; -1 when the list is gone.
local meta = 'ms:aud:' .. ARGV[1]
if redis.call('EXISTS', meta) == 0 then return -1 end
local life, count, new = redis.call('PTTL', meta), tonumber(ARGV[2]), 0
for place = 3, 2 + count do redis.call('HSET', meta, 'v:' .. ARGV[place], 1) end
for place = 3 + count, #ARGV, 4 do
  local code, key = ARGV[place], meta .. ':' .. ARGV[place] .. ':' .. ARGV[place + 1]
  local address, rest = ARGV[place + 2], ARGV[place + 3]
  if redis.call('HSETNX', key, address, rest) == 1 then
    new = new + 1
    redis.call('HINCRBY', meta, 'n:' .. code, 1)
    if life > 0 then redis.call('PEXPIRE', key, life) end
  elseif rest ~= '' then
    redis.call('HSET', key, address, rest)
  end
end
return new
