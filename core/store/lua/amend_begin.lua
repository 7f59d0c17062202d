-- Begins an amendment of a broadcast, in the place of one that has ended. ARGV: bid, the serial of the one before (0 = none),
-- deliveries in a unit, letters of the messengers, how many have the message, then fields and values.
-- Returns {1 or 0, the serial that stands}; 0: another one is running or came in between, or there is no such broadcast.
local bid, before, size, codes, total = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
local key, meta = 'ms:amend:' .. bid, meta_key(bid)
local serial, status = unpack(redis.call('HMGET', key, 'serial', 'status'))
serial = tonumber(serial or '0')
if redis.call('EXISTS', meta) == 0 or status == 'running' or serial ~= before then return {0, serial} end
local now = math.floor(now_us() / 1000)
redis.call('DEL', key, key .. ':out')
redis.call('HSET', key, 'serial', int(serial + 1), 'status', 'running', 'asked_at', int(now), 'codes', codes,
  'total', total, unpack(ARGV, 6))
local units = 0
for code in string.gmatch(codes, '%l') do
  local people = tonumber(redis.call('HGET', meta, 'size:' .. code) or '0')
  redis.call('HSET', key, 'next:' .. code, 0, 'units:' .. code, int(math.ceil(people / size)))
  units = units + math.ceil(people / size)
end
redis.call('HSET', key, 'left', int(units))
if units == 0 then
  redis.call('HSET', key, 'status', 'done', 'ended_at', int(now))
else
  redis.call('ZADD', 'ms:amending', now, bid)
end
return {1, serial + 1}
