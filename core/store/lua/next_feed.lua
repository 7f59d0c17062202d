-- When feed.lua may have something to do. ARGV: code. Returns ms (0 = as soon as there is room), or -1 if nothing waits.
local code = ARGV[1]
if redis.call('EXISTS', 'ms:active:' .. code, 'ms:unparking:' .. code) > 0 then return 0 end
local _, due = unpack(redis.call('ZRANGE', 'ms:due:' .. code, 0, 0, 'WITHSCORES'))
return due and math.max(0, math.ceil(due - now_ms())) or -1
