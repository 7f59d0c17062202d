-- scheduled -> sending, once, and what was planned or is held never before its time. ARGV: bid, '1' to start whatever the time. Returns the status after, or ''.
-- While everything is stopped it stays scheduled.
local bid = ARGV[1]
local meta = meta_key(bid)
local status, send_at, codes, planned, held = unpack(redis.call('HMGET', meta, 'status', 'send_at', 'codes', 'planned', 'held'))
if not status then return '' end
local now = math.floor(now_us() / 1000)
local early = (planned == '1' or held == '1') and tonumber(send_at) > now
if status ~= 'scheduled' or (early and ARGV[2] ~= '1') then return status end
local panic = panic_now()
local held_up = panic and true
for code in string.gmatch(codes, '%l') do held_up = held_up and not may_send(panic, bid, code) end
if held_up then
  -- It starts when it is let go on; whoever wanted it at once gets it then.
  if ARGV[2] == '1' then
    redis.call('HSET', meta, 'send_at', int(now))
    redis.call('ZADD', 'ms:i:scheduled', now, bid)
  end
  return status
end
redis.call('HSET', meta, 'status', 'sending', 'started_at', int(now))
if ARGV[2] == '1' then redis.call('HSET', meta, 'send_at', int(now)) end
redis.call('ZREM', 'ms:i:scheduled', bid)
redis.call('ZADD', 'ms:i:running', now, bid)
for code in string.gmatch(codes, '%l') do redis.call('RPUSH', 'ms:active:' .. code, bid) end
return 'sending'
