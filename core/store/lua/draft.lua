-- Replaces a draft that still has the revision that the writer has seen. ARGV: id, revision, packed draft, life s.
-- Returns 1 or 0.
local key = 'ms:draft:' .. ARGV[1]
local before = redis.call('GET', key)
if not before or cjson.decode(before).revision ~= tonumber(ARGV[2]) then return 0 end
redis.call('SET', key, ARGV[3], 'EX', ARGV[4])
return 1
