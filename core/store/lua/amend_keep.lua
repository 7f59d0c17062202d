-- Renews the lease of a unit, or puts the unit off. ARGV: bid, code and unit, token, ms from now, '1' to give it up until then.
-- Returns 1, or 0 when it is no longer the holder's: stopped, deleted, or leased to somebody else.
local key, member, token = 'ms:amend:' .. ARGV[1], ARGV[2], ARGV[3]
local status, holder = unpack(redis.call('HMGET', key, 'status', 'token:' .. member))
if status ~= 'running' or holder ~= token then return 0 end
redis.call('ZADD', key .. ':out', math.floor(now_us() / 1000) + tonumber(ARGV[4]), member)
if ARGV[5] == '1' then redis.call('HDEL', key, 'token:' .. member) end
return 1
