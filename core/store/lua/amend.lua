-- Amendments: deleting or editing the messages of a broadcast on the phones, unit by unit. ARGV[1] is the verb.
-- ms:amend:<broadcast>: the amendment; next:<code>, units:<code>: units leased so far and in all; token:<unit>: holder of
-- the lease; left: units not done. ms:amend:<broadcast>:out: leased units by the end of the lease. ms:amending: those that run.
local now = now_ms()
local verbs = {}

local function amend_key(broadcast_id) return 'ms:amend:' .. broadcast_id end

-- Begin one, in place of one that has ended. serial: of the one before (0 = none); size: deliveries in a unit; codes: letters
-- of the messengers; total: deliveries that have the message; then fields and values.
-- Returns {1 or 0, the latest serial}; 0: one is running, another one came in between, or there is no such broadcast.
function verbs.begin(broadcast_id, before, size, codes, total, ...)
  local key, meta = amend_key(broadcast_id), meta_key(broadcast_id)
  local serial, status = unpack(redis.call('HMGET', key, 'serial', 'status'))
  serial = tonumber(serial or '0')
  if redis.call('EXISTS', meta) == 0 or status == 'running' or serial ~= tonumber(before) then return {0, serial} end
  redis.call('UNLINK', key, key .. ':out')
  redis.call('HSET', key, 'serial', int(serial + 1), 'status', 'running', 'asked_at', int(now), 'codes', codes,
    'total', total, ...)
  local units = 0
  for code in string.gmatch(codes, '%l') do
    local mine = math.ceil(tonumber(redis.call('HGET', meta, 'size:' .. code) or '0') / size)
    redis.call('HSET', key, 'next:' .. code, 0, 'units:' .. code, int(mine))
    units = units + mine
  end
  redis.call('HSET', key, 'left', int(units))
  if units == 0 then
    redis.call('HSET', key, 'status', 'done', 'ended_at', int(now))
  else
    redis.call('ZADD', 'ms:amending', now, broadcast_id)
    ring('amend')
  end
  return {1, serial + 1}
end

local function next_unit(key, code)  -- one whose lease is over, or that was put off until now, goes first
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', key .. ':out', '-inf', int(now), 'LIMIT', 0, 50)) do
    if string.sub(member, 1, 1) == code then return tonumber(string.sub(member, 2)) end
  end
  local upcoming, units = unpack(redis.call('HMGET', key, 'next:' .. code, 'units:' .. code))
  if not units or tonumber(upcoming) >= tonumber(units) then return nil end
  redis.call('HINCRBY', key, 'next:' .. code, 1)
  return tonumber(upcoming)
end

-- Lease the next unit on a messenger, from each running amendment in turn. Nothing is leased while nothing may be sent.
-- Returns {broadcast id, serial, kind, unit} or nothing.
function verbs.take(code, lease, token)
  if redis.call('EXISTS', 'rq:suspended') == 1 then return nil end
  local panic = panic_now()
  for _, broadcast_id in ipairs(redis.call('ZRANGE', 'ms:amending', 0, 99)) do
    local key = amend_key(broadcast_id)
    local unit = may_send(panic, broadcast_id, code) and next_unit(key, code)
    if unit then
      redis.call('ZADD', key .. ':out', now + lease, code .. int(unit))
      redis.call('HSET', key, 'token:' .. code .. int(unit), token)
      -- To the end of the line, so that a small one never waits behind a huge one.
      redis.call('ZADD', 'ms:amending', now, broadcast_id)
      local serial, kind = unpack(redis.call('HMGET', key, 'serial', 'kind'))
      return {broadcast_id, serial, kind, unit}
    end
  end
end

-- Renew the lease of a unit for `ms`, or give it up until then. member: code and unit.
-- Returns 1, or 0 when it is no longer the holder's: stopped, deleted, or leased to another worker.
function verbs.keep(broadcast_id, member, token, ms, give_up)
  local key = amend_key(broadcast_id)
  local status, holder = unpack(redis.call('HMGET', key, 'status', 'token:' .. member))
  if status ~= 'running' or holder ~= token then return 0 end
  redis.call('ZADD', key .. ':out', now + ms, member)
  if give_up == '1' then redis.call('HDEL', key, 'token:' .. member) end
  return 1
end

-- Count a unit as done, once; then counters ('ok' or a reason) and by how much. Returns 1, or 0 when another worker holds it.
function verbs.done(broadcast_id, member, token, ...)
  local key, counts = amend_key(broadcast_id), {...}
  local status, holder = unpack(redis.call('HMGET', key, 'status', 'token:' .. member))
  if holder ~= token then return 0 end
  redis.call('HDEL', key, 'token:' .. member)
  redis.call('ZREM', key .. ':out', member)
  for i = 1, #counts, 2 do redis.call('HINCRBY', key, 'n:' .. counts[i], counts[i + 1]) end
  if redis.call('HINCRBY', key, 'left', -1) == 0 and status == 'running' then
    redis.call('HSET', key, 'status', 'done', 'ended_at', int(now))
    redis.call('ZREM', 'ms:amending', broadcast_id)
  end
  return 1
end

-- End it; what is done stays done. Returns 1, or 0 when the one of this serial does not run.
function verbs.stop(broadcast_id, serial)
  local key = amend_key(broadcast_id)
  local status, latest = unpack(redis.call('HMGET', key, 'status', 'serial'))
  if status ~= 'running' or latest ~= serial then return 0 end
  redis.call('HSET', key, 'status', 'stopped', 'ended_at', int(now))
  redis.call('ZREM', 'ms:amending', broadcast_id)
  return 1
end

return verbs[ARGV[1]](unpack(ARGV, 2))
