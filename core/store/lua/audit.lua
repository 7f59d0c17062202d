-- Writes a line of the log, and into the broadcast that it is about who did that last. ARGV: how many lines to keep,
-- actor's id, name, door, deed, bid or '', details as JSON.
local keep, by, name, door, deed, bid, details = unpack(ARGV)
redis.call('XADD', 'ms:audit', 'MAXLEN', keep, '*', 'by', by, 'name', name, 'door', door, 'deed', deed, 'bid', bid,
  'details', details)
local meta = meta_key(bid)
if bid ~= '' and redis.call('EXISTS', meta) == 1 then
  redis.call('HSET', meta, 'did:' .. deed, int(math.floor(now_us() / 1000)) .. '|' .. name)
end
return 1
