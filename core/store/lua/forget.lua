-- Forget a person. ARGV[1] is the verb.
local now = now_ms()
local verbs = {}

-- The address in one delivery, and the messenger's id of the message, which can hold it too. What waits is never sent:
-- see claim.lua. ARGV: broadcast id, code, index, address. Returns 1, or 0 when another address is there.
function verbs.delivery(broadcast_id, code, index, address)
  index = tonumber(index)
  local list = redis.call('HGET', meta_key(broadcast_id), 'list')
  local key, place = 'ms:a:' .. (list or '') .. ':' .. code .. ':' .. math.floor(index / CHUNK), index % CHUNK
  if string.match(redis.call('HGET', key, place) or '', '^[^\31]*') ~= address then return 0 end
  redis.call('HSET', key, place, '')
  local row = read_row(broadcast_id, code, index)
  if row and (row.code == 's' or row.code == 'd' or row.code == 'r') and row.extra ~= '' then
    local name = message_field(row.extra, address)
    for week = this_week(now) - 2, this_week(now) do redis.call('HDEL', bucket_key('ms:mid:', code, week, name), name) end
    row.extra = ''
    write_row(broadcast_id, code, index, row)
  end
  return 1
end

-- All that is kept by the address itself. An opt-out leaves a keyed hash. ARGV: code, address.
function verbs.address(code, address)
  local reason = string.match(redis.call('HGET', 'ms:stop:' .. code, address) or '', '^([^|]+)|')
  if reason then redis.call('HSET', 'ms:forgotten:' .. code, forgotten_digest(address), int(now)) end
  for _, key in ipairs({'ms:stop:' .. code, 'ms:out:' .. code, 'ms:moved:' .. code}) do redis.call('HDEL', key, address) end
  for day = math.floor(now / 86400000) - 3, math.floor(now / 86400000) do
    redis.call('HDEL', 'ms:wrote:' .. code .. ':' .. int(day), address)
  end
  for week = this_week(now) - 2, this_week(now) do
    redis.call('HDEL', bucket_key('ms:last:', code, week, address), address)
  end
  redis.call('ZREM', 'ms:pace:' .. code, address)
  local wrote = 'ms:inbound:by:' .. code .. ':' .. address
  for _, number in ipairs(redis.call('LRANGE', wrote, 0, -1)) do redis.call('UNLINK', 'ms:inbound:' .. number) end
  redis.call('UNLINK', wrote, 'ms:inbound:of:' .. code .. ':' .. address)
  return redis.call('HDEL', code == 't' and 'ms:subscribers' or 'ms:subscribers:' .. code, address)
end

return verbs[ARGV[1]](unpack(ARGV, 2))
