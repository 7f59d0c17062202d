-- Gives a list a name, or another one; from then on it is kept. ARGV: list id, name, name folded, letters of the messengers.
-- Returns 'named', 'taken' (another list has that name) or 'gone'.
local id, name, fold = ARGV[1], ARGV[2], ARGV[3]
local meta = 'ms:aud:' .. id
if redis.call('EXISTS', meta) == 0 then return 'gone' end
local holder = redis.call('HGET', 'ms:aud:names', fold)
if holder and holder ~= id then return 'taken' end
local before = redis.call('HGET', meta, 'fold')
if before then redis.call('HDEL', 'ms:aud:names', before) end
redis.call('HSET', 'ms:aud:names', fold, id)
redis.call('HSET', meta, 'name', name, 'fold', fold)
if redis.call('PERSIST', meta) == 1 then
  for code in string.gmatch(ARGV[4], '%l') do
    for bucket = 0, tonumber(redis.call('HGET', meta, 'buckets')) - 1 do
      redis.call('PERSIST', meta .. ':' .. code .. ':' .. bucket)
    end
  end
end
return 'named'
