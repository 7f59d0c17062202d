-- Starts broadcasts, as starting.lua says. ARGV: their ids. Returns their statuses, '' = none.
local statuses, now = {}, now_ms()
for i = 1, #ARGV do statuses[#statuses + 1] = start(ARGV[i], now) end
return statuses
