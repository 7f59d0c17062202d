-- Counts a unit that is done, once. ARGV: bid, code and unit, token, then what and how many ('ok' or a reason).
-- Returns 1, or 0 when somebody else holds it now: nothing is counted.
local bid, member, token = ARGV[1], ARGV[2], ARGV[3]
local key = 'ms:amend:' .. bid
local status, holder = unpack(redis.call('HMGET', key, 'status', 'token:' .. member))
if holder ~= token then return 0 end
redis.call('HDEL', key, 'token:' .. member)
redis.call('ZREM', key .. ':out', member)
for i = 4, #ARGV, 2 do redis.call('HINCRBY', key, 'n:' .. ARGV[i], ARGV[i + 1]) end
if redis.call('HINCRBY', key, 'left', -1) == 0 and status == 'running' then
  redis.call('HSET', key, 'status', 'done', 'ended_at', int(math.floor(now_us() / 1000)))
  redis.call('ZREM', 'ms:amending', bid)
end
return 1
