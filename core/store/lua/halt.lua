-- Makes a whole messenger wait. ARGV: code, ms (0 = until an admin resumes it), reason, the messenger's words, when it said
-- so (ms, 0 = now): what it said before an admin resumed it halts nothing. Never shortens a halt.
-- Returns 1, or 0 when it is halted for as long already.
local code, lasts, said_at = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[5])
local key = 'ms:halt:' .. code
local now = now_ms()
if said_at > 0 and said_at <= tonumber(redis.call('GET', 'ms:resumed:' .. code) or '0') then return 0 end
if redis.call('HGET', key, 'until') == '0' then return 0 end
local left = halted_for(code, now)
if left and lasts ~= 0 and left >= lasts then return 0 end
redis.call('HSET', key, 'until', int(lasts == 0 and 0 or now + lasts), 'for', int(lasts), 'reason', ARGV[3], 'words', ARGV[4])
if lasts ~= 0 then redis.call('PEXPIREAT', key, int(now + lasts)) else redis.call('PERSIST', key) end
return 1
