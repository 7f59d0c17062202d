-- Shared by every script; put in front of it, behind lib.lua, when it is loaded.

-- Until when a messenger's rate is used up (us). After the clock stepped back it can be further ahead than the key lives; it
-- is ignored then, else nothing would be sent until the clock catches up. gap: us between two messages; below one message a
-- minute the key lives for as long as two take.
local function rate_life(gap) return math.max(60000000, 2 * gap) end

local function used_until(code, us, gap)
  local till = tonumber(redis.call('GET', 'ms:rate:' .. code) or '0')
  return till > us + rate_life(gap) and us or math.max(till, us)
end

local function use_rate(code, till, gap)
  redis.call('SET', 'ms:rate:' .. code, int(till), 'PX', int(rate_life(gap) / 1000))
end

-- For how long a whole messenger still waits (ms), or nil. A halt that would last longer than it was made for, because the
-- clock stepped back, is over. ms:halt:<code>: until (0 = until it is resumed), for (ms), reason.
local function halted_for(code, now)
  local key = 'ms:halt:' .. code
  local till, lasts = unpack(redis.call('HMGET', key, 'until', 'for'))
  if till == '0' then return 1000 end
  local left = tonumber(till or '0') - now
  if left <= 0 then return nil end
  if left <= tonumber(lasts or left) then return left end
  redis.call('UNLINK', key)
end
