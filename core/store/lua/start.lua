-- scheduled -> sending, once, and never before its time. ARGV: bid, '1' to start whatever the time. Returns the status after, or ''.
local bid = ARGV[1]
local meta = meta_key(bid)
local status, send_at, codes = unpack(redis.call('HMGET', meta, 'status', 'send_at', 'codes'))
if not status then return '' end
local now = math.floor(now_us() / 1000)
if status ~= 'scheduled' or (ARGV[2] ~= '1' and tonumber(send_at) > now) then return status end
redis.call('HSET', meta, 'status', 'sending', 'started_at', int(now))
if ARGV[2] == '1' then redis.call('HSET', meta, 'send_at', int(now)) end
redis.call('ZREM', 'ms:i:scheduled', bid)
redis.call('ZADD', 'ms:i:running', now, bid)
for code in string.gmatch(codes, '%l') do redis.call('RPUSH', 'ms:active:' .. code, bid) end
return 'sending'
