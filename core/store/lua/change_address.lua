-- A chat has moved: later orders are told, and the delivery gets the new address.
-- ARGV: delivery id, old address, new address, '1' if the new address is on the list itself: this delivery keeps the old one.
local broadcast_id, code, index = split_id(ARGV[1])
local old, new = ARGV[2], ARGV[3]
redis.call('HSET', 'ms:moved:' .. code, old, new)
if ARGV[4] == '1' then return end
local list = redis.call('HGET', meta_key(broadcast_id), 'list')
local key, place = 'ms:a:' .. (list or '') .. ':' .. code .. ':' .. math.floor(index / CHUNK), index % CHUNK
local packed = redis.call('HGET', key, place)
if not packed or string.match(packed, '^[^\31]*') ~= old then return end
redis.call('HSET', key, place, new .. string.sub(packed, #old + 1))
