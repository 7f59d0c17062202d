-- Leases the next unit of the amendments that run on a messenger, of each of them in turn. ARGV: code, lease ms, token.
-- A unit whose lease is over, or that was put off until now, goes first. Nothing is leased while nothing may be sent.
-- Returns {bid, serial, kind, unit} or nothing.
local code, lease, token = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local now = math.floor(now_us() / 1000)
if redis.call('EXISTS', 'rq:suspended') == 1 then return nil end
local panic = panic_now()

local function unit_of(key)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', key .. ':out', '-inf', int(now), 'LIMIT', 0, 50)) do
    if string.sub(member, 1, 1) == code then return tonumber(string.sub(member, 2)) end
  end
  local upcoming, units = unpack(redis.call('HMGET', key, 'next:' .. code, 'units:' .. code))
  if not units or tonumber(upcoming) >= tonumber(units) then return nil end
  redis.call('HINCRBY', key, 'next:' .. code, 1)
  return tonumber(upcoming)
end

for _, bid in ipairs(redis.call('ZRANGE', 'ms:amending', 0, 99)) do
  local key = 'ms:amend:' .. bid
  local unit = may_send(panic, bid, code) and unit_of(key)
  if unit then
    redis.call('ZADD', key .. ':out', now + lease, code .. int(unit))
    redis.call('HSET', key, 'token:' .. code .. int(unit), token)
    -- To the end of the line, so that a small one never waits behind a huge one.
    redis.call('ZADD', 'ms:amending', now, bid)
    local serial, kind = unpack(redis.call('HMGET', key, 'serial', 'kind'))
    return {bid, serial, kind, unit}
  end
end
return nil
