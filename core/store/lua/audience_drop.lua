-- Deletes an audience if it still has so many recipients; what it held is left to be cleared away. ARGV: list id, how many.
-- Returns 'dropped', 'changed' or 'gone'.
local meta = 'ms:aud:' .. ARGV[1]
if redis.call('EXISTS', meta) == 0 then return 'gone' end
local total, fields = 0, redis.call('HGETALL', meta)
for place = 1, #fields, 2 do
  if string.sub(fields[place], 1, 2) == 'n:' then total = total + tonumber(fields[place + 1]) end
end
if total ~= tonumber(ARGV[2]) then return 'changed' end
local fold = redis.call('HGET', meta, 'fold')
if fold then redis.call('HDEL', 'ms:aud:names', fold) end
redis.call('RPUSH', 'ms:aud:trash', ARGV[1] .. '|' .. redis.call('HGET', meta, 'buckets'))
redis.call('DEL', meta)
return 'dropped'
