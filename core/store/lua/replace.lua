-- Replaces an order that waits for its time: the same id, other content, recipients or time, in one step.
-- ARGV: broadcast id, list id of the new recipients, already written; the edition that is replaced; send_at ms, then fields
-- and values. Returns 1, also if this very change was made before (a repeated call), or 0 if the order no longer waits, is
-- held, was changed meanwhile, or the new recipients are gone.
local broadcast_id, list, edition, send_at = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local meta = meta_key(broadcast_id)
local status, held, latest, was, codes, was_at, asks =
  unpack(redis.call('HMGET', meta, 'status', 'held', 'edition', 'list', 'codes', 'send_at', 'asks'))
if was == list then return 1 end
if (status ~= 'scheduled' and status ~= 'unapproved') or held == '1' or (latest or '0') ~= edition then return 0 end
if redis.call('ZREM', 'ms:staging', list) == 0 then return 0 end
for code in string.gmatch(codes, '%l') do
  -- Under no broadcast's name: the rows that will be written under this one are not for the trash.
  redis.call('RPUSH', 'ms:trash', table.concat({'-', was, code, redis.call('HGET', meta, 'size:' .. code)}, '|'))
end
local before = redis.call('HGETALL', meta)
local kept = {'created_by', 'creator_name', 'accepted_at', 'series', 'once', 'again_of'}
local values = redis.call('HMGET', meta, unpack(kept))
redis.call('DEL', meta)
redis.call('HSET', meta, 'list', list, 'status', 'scheduled', 'send_at', send_at, 'edition', int(edition + 1), unpack(ARGV, 5))
for i, field in ipairs(kept) do
  if values[i] then redis.call('HSET', meta, field, values[i]) end
end
if redis.call('HGET', meta, 'held') == '1' then redis.call('HSET', meta, 'back_to', was_at) end
for place = 1, #before, 2 do
  if string.sub(before[place], 1, 4) == 'did:' then redis.call('HSET', meta, before[place], before[place + 1]) end
end
redis.call('HSET', meta, 'asks', (asks or 0) + (redis.call('HGET', meta, 'asks') or 0))
place_accepted(broadcast_id, send_at)
return 1
