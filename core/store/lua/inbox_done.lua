-- Takes bodies off that were applied, unless another worker has. ARGV: code, token, head as taken, how many. Returns 1 if it did.
local key = 'ms:inbox:' .. ARGV[1]
if redis.call('GET', key .. ':lease') == ARGV[2] then redis.call('DEL', key .. ':lease') end
if (redis.call('HGET', key .. ':at', 'head') or '0') ~= ARGV[3] then return 0 end
local size, count = 0, tonumber(ARGV[4])
for _, body in ipairs(redis.call('LPOP', key, count) or {}) do size = size + #body end
redis.call('HINCRBY', key .. ':at', 'bytes', -size)
redis.call('HINCRBY', key .. ':at', 'head', count)
return 1
