-- A list without a name is kept for as long as somebody needs it, or from now on for a day again. ARGV: list id, life in s
-- (0 = for good), letters of the messengers. Returns 1, or 0 when the list is gone.
local meta, life = 'ms:aud:' .. ARGV[1], tonumber(ARGV[2])
if redis.call('EXISTS', meta) == 0 then return 0 end
local function keep(key)
  if life == 0 then redis.call('PERSIST', key) else redis.call('EXPIRE', key, life) end
end
keep(meta)
for code in string.gmatch(ARGV[3], '%l') do
  for bucket = 0, tonumber(redis.call('HGET', meta, 'buckets')) - 1 do keep(meta .. ':' .. code .. ':' .. bucket) end
end
return 1
