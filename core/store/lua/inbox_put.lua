-- Takes in what a messenger sent. ARGV: code, most bytes that may wait, then bodies. Returns 1, or 0 when it is full.
-- ms:inbox:<code>: the bodies; ms:inbox:<code>:at: bytes (how many wait) and head (how many were ever taken off).
local key = 'ms:inbox:' .. ARGV[1]
local size = 0
for i = 3, #ARGV do size = size + #ARGV[i] end
if tonumber(redis.call('HGET', key .. ':at', 'bytes') or '0') + size > tonumber(ARGV[2]) then return 0 end
for i = 3, #ARGV do redis.call('RPUSH', key, ARGV[i]) end
redis.call('HINCRBY', key .. ':at', 'bytes', size)
return 1
