-- Writes an entry of the audit log, and who did that last into the broadcast that it is about. KEYS: the stream. ARGV:
-- entries to keep in it, actor's id, name, channel, action, broadcast id or '', details as JSON.
local keep, by, name, channel, action, broadcast_id, details = unpack(ARGV)
redis.call('XADD', KEYS[1], 'MAXLEN', keep, '*', 'by', by, 'name', name, 'door', channel, 'deed', action, 'bid', broadcast_id,
  'details', details)
local meta = meta_key(broadcast_id)
if broadcast_id ~= '' and redis.call('EXISTS', meta) == 1 then
  redis.call('HSET', meta, 'did:' .. action, int(now_ms()) .. '|' .. name)
end
return 1
