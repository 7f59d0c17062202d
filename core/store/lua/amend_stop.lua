-- Ends an amendment where it stands; what it has done stays done. ARGV: bid, serial. Returns 1, or 0 when that one does not run.
local bid = ARGV[1]
local key = 'ms:amend:' .. bid
local status, serial = unpack(redis.call('HMGET', key, 'status', 'serial'))
if status ~= 'running' or serial ~= ARGV[2] then return 0 end
redis.call('HSET', key, 'status', 'stopped', 'ended_at', int(math.floor(now_us() / 1000)))
redis.call('ZREM', 'ms:amending', bid)
return 1
