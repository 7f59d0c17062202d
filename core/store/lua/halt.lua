-- Makes a whole messenger wait. ARGV: code, ms (0 = until an admin resumes it), reason. Never shortens a halt that stands.
local key = 'ms:halt:' .. ARGV[1]
local standing = redis.call('HGET', key, 'until')
local now = math.floor(now_us() / 1000)
if standing == '0' then return 0 end
local till = ARGV[2] == '0' and 0 or now + tonumber(ARGV[2])
if standing and till ~= 0 and tonumber(standing) >= till then return 0 end
redis.call('HSET', key, 'until', int(till), 'reason', ARGV[3])
if till ~= 0 then redis.call('PEXPIREAT', key, till) else redis.call('PERSIST', key) end
return 1
