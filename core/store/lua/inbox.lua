-- The inbox: webhook bodies of messengers, until they are applied. ARGV[1] is the verb, ARGV[2] the messenger's code.
-- ms:inbox:<code>: the bodies; ms:inbox:<code>:at: bytes (how many wait) and head (how many were ever taken off);
-- ms:inbox:<code>:lease: the worker that applies them. The lease only saves double work; losing it harms nothing.
local code = ARGV[2]
local key = 'ms:inbox:' .. code
local verbs = {}

-- Take bodies in; most: bytes that may wait. Returns 1, or 0 when it is full.
function verbs.put(most, ...)
  local bodies, size = {...}, 0
  for _, body in ipairs(bodies) do size = size + #body end
  if tonumber(redis.call('HGET', key .. ':at', 'bytes') or '0') + size > tonumber(most) then return 0 end
  put_down('RPUSH', key, bodies)
  ring('inbox:' .. code)
  redis.call('HINCRBY', key .. ':at', 'bytes', size)
  return 1
end

-- The oldest bodies, at most so many and so many bytes; they stay until `done`. lease: ms.
-- Returns {head, bodies}: none while another worker has the lease.
function verbs.take(token, lease, most_bodies, most_bytes)
  if redis.call('EXISTS', key) == 0 then return {0, {}} end
  local holder = redis.call('GET', key .. ':lease')
  if holder and holder ~= token then return {0, {}} end
  redis.call('SET', key .. ':lease', token, 'PX', lease)
  local bodies, size = {}, 0
  for place = 0, tonumber(most_bodies) - 1 do
    local body = redis.call('LINDEX', key, place)
    if not body then break end
    size = size + #body
    if place > 0 and size > tonumber(most_bytes) then break end
    bodies[#bodies + 1] = body
  end
  return {tonumber(redis.call('HGET', key .. ':at', 'head') or '0'), bodies}
end

-- Take off as many bodies as were applied, unless another worker has. head: as it was taken. Returns 1 or 0.
function verbs.done(token, head, count)
  if redis.call('GET', key .. ':lease') == token then redis.call('UNLINK', key .. ':lease') end
  if (redis.call('HGET', key .. ':at', 'head') or '0') ~= head then return 0 end
  local size = 0
  for _, body in ipairs(redis.call('LPOP', key, count) or {}) do size = size + #body end
  redis.call('HINCRBY', key .. ':at', 'bytes', -size)
  redis.call('HINCRBY', key .. ':at', 'head', count)
  return 1
end

-- Count what was refused or could not be read.
function verbs.count(what, by) return redis.call('HINCRBY', 'ms:receipts', code .. ':' .. what, by) end

return verbs[ARGV[1]](unpack(ARGV, 3))
