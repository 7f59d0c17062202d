-- Permits for calls about a broadcast, from the same rate as sending (claim.lua).
-- ARGV: code, rate per s, burst ms, most, broadcast id. Returns {how many, ms until there are more}.
local code, rate, burst, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]) * 1000, tonumber(ARGV[4])
local us = now_us()
local now = math.floor(us / 1000)
local halted = halted_for(code, now)
if halted then return {0, halted} end
if redis.call('EXISTS', 'rq:suspended') == 1 or not may_send(panic_now(), ARGV[5], code) then return {0, 1000} end
local gap = 1000000 / rate
local tat = used_until(code, us, gap)
if us + burst < tat then return {0, math.max(1, math.ceil((tat - burst - us) / 1000))} end
local permits = math.min(most, math.floor((us + burst - tat) / gap) + 1)
use_rate(code, tat + permits * gap, gap)
return {permits, 0}
