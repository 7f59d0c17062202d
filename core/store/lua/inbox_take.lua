-- The oldest bodies, which stay in the inbox until inbox_done.lua. ARGV: code, token, lease ms, most bodies, most bytes.
-- Returns {head, bodies}: none while another worker holds the lease. The lease only saves double work; losing it harms nothing.
local key = 'ms:inbox:' .. ARGV[1]
if redis.call('EXISTS', key) == 0 then return {0, {}} end
local held = redis.call('GET', key .. ':lease')
if held and held ~= ARGV[2] then return {0, {}} end
redis.call('SET', key .. ':lease', ARGV[2], 'PX', ARGV[3])
local bodies, size = {}, 0
for place = 0, tonumber(ARGV[4]) - 1 do
  local body = redis.call('LINDEX', key, place)
  if not body then break end
  size = size + #body
  if place > 0 and size > tonumber(ARGV[5]) then break end
  bodies[#bodies + 1] = body
end
return {tonumber(redis.call('HGET', key .. ':at', 'head') or '0'), bodies}
