-- Takes an ended broadcast out of every index; its chunks go to the trash, which is emptied bit by bit. One that was cancelled
-- and still has messages in flight stays until they have their outcomes.
-- ARGV: broadcast id. Returns 1 if it was deleted.
local broadcast_id = ARGV[1]
local meta = meta_key(broadcast_id)
local status, list, codes, open = unpack(redis.call('HMGET', meta, 'status', 'list', 'codes', 'open'))
if (status ~= 'finished' and status ~= 'cancelled') or tonumber(open or '0') > 0 then return 0 end
-- A running amendment needs the rows.
if redis.call('ZSCORE', 'ms:amending', broadcast_id) then return 0 end
for code in string.gmatch(codes, '%l') do
  redis.call('RPUSH', 'ms:trash', table.concat({broadcast_id, list, code, redis.call('HGET', meta, 'size:' .. code)}, '|'))
  local strikes = 'ms:strikes:' .. broadcast_id .. ':' .. code
  redis.call('UNLINK', strikes, strikes .. ':seen')
end
for _, index in ipairs({'ended', 'answers', 'failures', 'cancelled'}) do redis.call('ZREM', 'ms:i:' .. index, broadcast_id) end
redis.call('UNLINK', meta, meta .. ':troubled', meta .. ':trouble', meta .. ':unbilled', 'ms:amend:' .. broadcast_id,
  'ms:amend:' .. broadcast_id .. ':out')
-- The id stays reserved while the old rows are in the trash, and while receipts of the old broadcast may come.
redis.call('SET', 'ms:id:' .. broadcast_id, '', 'EX', 1814400)
return 1
