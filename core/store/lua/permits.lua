-- Permits to call a messenger, out of the same rate as what is sent (claim.lua). ARGV: code, rate per s, burst ms, most.
-- Returns {how many, ms until there are more}.
local code, rate, burst, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]) * 1000, tonumber(ARGV[4])
local us = now_us()
local now = math.floor(us / 1000)
local halt = redis.call('HGET', 'ms:halt:' .. code, 'until')
if halt and (halt == '0' or tonumber(halt) > now) then return {0, halt == '0' and 1000 or tonumber(halt) - now} end
local panic = panic_now()
if redis.call('EXISTS', 'rq:suspended') == 1 or (panic and not panic.some) then return {0, 1000} end
local gap = 1000000 / rate
local tat = used_until(code, us)
if us + burst < tat then return {0, math.max(1, math.ceil((tat - burst - us) / 1000))} end
local permits = math.min(most, math.floor((us + burst - tat) / gap) + 1)
redis.call('SET', 'ms:rate:' .. code, int(tat + permits * gap), 'PX', 60000)
return {permits, 0}
