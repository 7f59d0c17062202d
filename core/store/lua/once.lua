-- Orders under an idempotency key. ARGV[1] is the verb, ARGV[2] the name of the key.
-- ms:once:<name>: digest of the order, bid, token and till (of the try that runs), state ('accepted' by commit.lua,
-- 'refused'), answer.
local key = 'ms:once:' .. ARGV[2]
local verbs = {}

-- Begin a try. broadcast_id: a fresh one; lease, life: ms that the try and the key live.
-- Returns {'done', answer}, {'other', ''}, {'running', ms left}, {'accepted', broadcast id} or {'begun', broadcast id}. Every
-- try of an order has the same broadcast id, which is accepted once: that keeps it from being doubled, not the lease.
function verbs.begin(digest, broadcast_id, token, lease, life)
  local now = now_ms()
  local had, first_id, holder, till, state, answer =
    unpack(redis.call('HMGET', key, 'digest', 'bid', 'token', 'till', 'state', 'answer'))
  local changed = had and had ~= digest
  if changed and state ~= 'refused' then return {'other', ''} end
  if answer then return {'done', answer} end
  if had and state ~= 'refused' and holder ~= token and tonumber(till) > now then
    return {'running', int(tonumber(till) - now)}
  end
  if had and not changed then broadcast_id = first_id end
  if state == 'refused' then redis.call('HDEL', key, 'state') end
  redis.call('HSET', key, 'digest', digest, 'bid', broadcast_id, 'token', token, 'till', int(now + lease))
  if not had then redis.call('PEXPIRE', key, life) end
  return {state == 'accepted' and 'accepted' or 'begun', broadcast_id}
end

-- End it with its answer, '' = refused. An order that another try got accepted stays accepted.
function verbs.finish(broadcast_id, answer)
  local latest, state = unpack(redis.call('HMGET', key, 'bid', 'state'))
  if latest ~= broadcast_id then return 0 end
  if answer ~= '' then
    redis.call('HSET', key, 'answer', answer)
  elseif state ~= 'accepted' then
    redis.call('HSET', key, 'state', 'refused')
  end
  return 1
end

return verbs[ARGV[1]](unpack(ARGV, 3))
