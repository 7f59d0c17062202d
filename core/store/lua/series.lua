-- One change of a series, by whoever has seen the revision that stands; the first one makes it. ARGV: id, revision seen
-- (0 = it is new), next_at ms ('' = nothing comes any more), id of that broadcast, '1' if there is trouble to be told, then
-- fields and values. Returns 1, or 0 when somebody was faster: nothing was changed.
local id, series = ARGV[1], 'ms:ser:' .. ARGV[1]
if (redis.call('HGET', series, 'revision') or '0') ~= ARGV[2] then return 0 end
redis.call('HSET', series, unpack(ARGV, 6))
move_series_on(id, ARGV[3], ARGV[4])
if ARGV[5] == '1' then redis.call('ZADD', 'ms:late', now_ms(), 'series:' .. id) end
return 1
