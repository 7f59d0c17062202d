-- Accepts a broadcast whose recipients are already written under a list id.
-- ARGV: broadcast id, list id, send_at ms, then fields and values.
-- KEYS, for an occurrence of a series: series id, when it is due, when the next one is due ('' = none), the id of that one.
-- The series moves on in the same step, so the occurrence is made once, however many workers make it.
-- Returns the list id of the accepted broadcast: another one if this id was accepted before, '' if the recipients are gone.
local broadcast_id, list = ARGV[1], ARGV[2]
local meta = meta_key(broadcast_id)
local accepted = redis.call('HGET', meta, 'list')
if accepted then return accepted end
local series = KEYS[1] and 'ms:ser:' .. KEYS[1]
if series then
  local status, next_at, next_id = unpack(redis.call('HMGET', series, 'status', 'next_at', 'next_id'))
  if status ~= 'active' or next_at ~= KEYS[2] or next_id ~= broadcast_id then return '' end
end
if redis.call('ZREM', 'ms:staging', list) == 0 then return '' end
redis.call('HSET', meta, 'list', list, 'status', 'scheduled', 'send_at', ARGV[3], unpack(ARGV, 4))
place_accepted(broadcast_id, ARGV[3])
if series then
  redis.call('LPUSH', series .. ':made', broadcast_id)
  redis.call('LTRIM', series .. ':made', 0, 9)
  redis.call('HINCRBY', series, 'made', 1)
  add_notice('made:' .. broadcast_id, now_ms())
  move_series_on(KEYS[1], KEYS[3], KEYS[4])
end
local once = 'ms:once:' .. (redis.call('HGET', meta, 'once') or '')
if redis.call('HGET', once, 'bid') == broadcast_id then redis.call('HSET', once, 'state', 'accepted') end
return list
