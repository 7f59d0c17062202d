-- A recipient has moved: later orders are told, and the delivery gets the new address.
-- ARGV: delivery id, old address, new address, '1' if the new address is on the list itself: this delivery keeps the old one, and
-- fails if it waits; '1' if only a delivery that waits follows, and later orders are not told: the old address may be somebody
-- else's by then.
local broadcast_id, code, index = split_id(ARGV[1])
local old, new = ARGV[2], ARGV[3]
local only_waiting = ARGV[5] == '1'
if not only_waiting then redis.call('HSET', 'ms:moved:' .. code, old, new) end
local twin = ARGV[4] == '1'
if twin and not only_waiting then return end
local row = only_waiting and read_row(broadcast_id, code, index)
if only_waiting and not (row and row.code == 'q') then return end
if twin then
  local now = now_ms()
  move(broadcast_id, code, index, row, {code = 'f', attempt = row.attempt, tries = row.tries, at = now, extra = 'duplicate'})
  return finish_if_done(broadcast_id, now)
end
local list = redis.call('HGET', meta_key(broadcast_id), 'list')
local key, place = 'ms:a:' .. (list or '') .. ':' .. code .. ':' .. math.floor(index / CHUNK), index % CHUNK
local packed = redis.call('HGET', key, place)
if not packed or string.match(packed, '^[^\31]*') ~= old then return end
redis.call('HSET', key, place, new .. string.sub(packed, #old + 1))
