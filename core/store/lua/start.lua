-- Starts broadcasts, as starting.lua says. ARGV: '1' = whatever the time, broadcast ids. Returns their statuses, '' = none.
local statuses, now = {}, now_ms()
for i = 2, #ARGV do statuses[#statuses + 1] = start(ARGV[i], ARGV[1] == '1', now) end
return statuses
