-- Starts what is due, as starting.lua says. ARGV: how many to skip, most to look at.
-- Returns how many were looked at, how many of them are still due, as they are stopped, and ms until the next one is due
-- (-1 = none is).
local now, looked, left = now_ms(), 0, 0
for _, broadcast_id in ipairs(redis.call('ZRANGEBYSCORE', 'ms:i:scheduled', 0, now, 'LIMIT', ARGV[1], ARGV[2])) do
  looked = looked + 1
  start(broadcast_id, now)
  local at = tonumber(redis.call('ZSCORE', 'ms:i:scheduled', broadcast_id) or -1)
  if at >= 0 and at <= now then left = left + 1 end
end
local _, upcoming = unpack(redis.call('ZRANGEBYSCORE', 'ms:i:scheduled', '(' .. int(now), '+inf', 'WITHSCORES', 'LIMIT', 0, 1))
return {looked, left, upcoming and math.ceil(upcoming - now) or -1}
