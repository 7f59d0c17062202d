-- An order with a key of the caller's own: whether it is to be carried out, and as which broadcast.
-- ARGV: name of the key, digest of the order, a fresh broadcast id, token of this try, lease ms, life of the key ms.
-- ms:once:<name>: digest, bid, token, till (end of the lease), state ('accepted' by commit.lua, 'refused'), answer.
-- Returns {'done', answer}, {'other', ''}, {'running', ms left}, {'accepted', bid} or {'begun', bid}. Every try of an order has
-- the same broadcast id, which is accepted but once: that is what keeps it from being doubled, not the lease.
local name, digest, token, lease = ARGV[1], ARGV[2], ARGV[4], tonumber(ARGV[5])
local key = 'ms:once:' .. name
local now = math.floor(now_us() / 1000)
local had, bid, holder, till, state, answer =
  unpack(redis.call('HMGET', key, 'digest', 'bid', 'token', 'till', 'state', 'answer'))
local changed = had and had ~= digest
if changed and state ~= 'refused' then return {'other', ''} end
if answer then return {'done', answer} end
if had and state ~= 'refused' and holder ~= token and tonumber(till) > now then
  return {'running', int(tonumber(till) - now)}
end
if not had or changed then bid = ARGV[3] end
if state == 'refused' then redis.call('HDEL', key, 'state') end
redis.call('HSET', key, 'digest', digest, 'bid', bid, 'token', token, 'till', int(now + lease))
if not had then redis.call('PEXPIRE', key, ARGV[6]) end
return {state == 'accepted' and 'accepted' or 'begun', bid}
