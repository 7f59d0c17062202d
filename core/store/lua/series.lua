-- Changes a series if it still has the revision that the caller has seen. ARGV: id, revision seen (0 = new), next_at ms
-- ('' = no further occurrence), id of that broadcast, '1' if admins must be told of a problem, then fields and values.
-- Returns 1, or 0 if it was changed meanwhile.
local id, series = ARGV[1], 'ms:ser:' .. ARGV[1]
if (redis.call('HGET', series, 'revision') or '0') ~= ARGV[2] then return 0 end
redis.call('HSET', series, unpack(ARGV, 6))
move_series_on(id, ARGV[3], ARGV[4])
if ARGV[5] == '1' then add_notice('series:' .. id, now_ms()) end
return 1
