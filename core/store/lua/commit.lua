-- Accepts a broadcast whose recipients are already written under a list id. ARGV: bid, list id, send_at ms, then fields and values.
-- Returns the list id that stands: another one when this id was accepted before, '' when the recipients are gone.
local bid, list = ARGV[1], ARGV[2]
local meta = meta_key(bid)
local standing = redis.call('HGET', meta, 'list')
if standing then return standing end
if redis.call('ZREM', 'ms:staging', list) == 0 then return '' end
redis.call('HSET', meta, 'list', list, 'status', 'scheduled', 'send_at', ARGV[3], unpack(ARGV, 4))
redis.call('ZADD', 'ms:i:scheduled', ARGV[3], bid)
local once = 'ms:once:' .. (redis.call('HGET', meta, 'once') or '')
if redis.call('HGET', once, 'bid') == bid then redis.call('HSET', once, 'state', 'accepted') end
return list
