-- Writes an entry of the audit log, and into the broadcast that it is about who did that last. KEYS: the stream. ARGV:
-- entries to keep in it, actor's id, name, door, deed, broadcast id or '', details as JSON.
local keep, by, name, door, deed, broadcast_id, details = unpack(ARGV)
redis.call('XADD', KEYS[1], 'MAXLEN', keep, '*', 'by', by, 'name', name, 'door', door, 'deed', deed, 'bid', broadcast_id,
  'details', details)
local meta = meta_key(broadcast_id)
if broadcast_id ~= '' and redis.call('EXISTS', meta) == 1 then
  redis.call('HSET', meta, 'did:' .. deed, int(now_ms()) .. '|' .. name)
end
return 1
