-- Records an event of our account at a messenger; the latest event of a subject counts, in whatever order they come.
-- ARGV: code, subject, issue ('' = none), at ms, reason to halt the messenger until it is resumed ('' = none), words for it.
-- ms:standing:<code>: subject -> at ms|issue. Returns 1 if it is new.
local key, at = 'ms:standing:' .. ARGV[1], math.min(tonumber(ARGV[4]), now_ms())
local known = redis.call('HGET', key, ARGV[2]) or ''
local before, trouble = string.match(known, '^(%d+)|(.*)$')
before = tonumber(before or '0')
if at < before or (at == before and trouble == ARGV[3]) then return 0 end
redis.call('HSET', key, ARGV[2], int(at) .. '|' .. ARGV[3])
redis.call('EXPIRE', key, 30 * 86400)
local halt = 'ms:halt:' .. ARGV[1]
if ARGV[5] ~= '' and redis.call('HGET', halt, 'until') ~= '0' then
  redis.call('HSET', halt, 'until', 0, 'reason', ARGV[5], 'words', ARGV[6])
  redis.call('PERSIST', halt)
end
return 1
