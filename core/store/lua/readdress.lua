-- A chat has moved: the delivery's address becomes the new one, and later orders are told. ARGV: delivery id, old address, new address.
-- Returns 1 when the delivery was still to go to the old address.
local bid, code, index = split_id(ARGV[1])
local old, new = ARGV[2], ARGV[3]
redis.call('HSET', 'ms:moved:' .. code, old, new)
local list = redis.call('HGET', meta_key(bid), 'list')
local key, place = 'ms:a:' .. (list or '') .. ':' .. code .. ':' .. math.floor(index / CHUNK), index % CHUNK
local packed = redis.call('HGET', key, place)
if not packed or string.match(packed, '^[^\31]*') ~= old then return 0 end
redis.call('HSET', key, place, new .. string.sub(packed, #old + 1))
return 1
