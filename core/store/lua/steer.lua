-- Pause, resume, cancel, reschedule, hold, undo: one compare-and-set of the status. ARGV: bid, verb, send_at ms
-- (reschedule and hold only).
-- Returns {1 or 0, status that stands}.
local bid, verb = ARGV[1], ARGV[2]
local meta = meta_key(bid)
local status, codes = unpack(redis.call('HMGET', meta, 'status', 'codes'))
if not status then return {0, ''} end
local now = math.floor(now_us() / 1000)

local function leave_lines()
  for code in string.gmatch(codes, '%l') do redis.call('LREM', 'ms:active:' .. code, 0, bid) end
end

local verbs = {}

function verbs.pause()
  if status ~= 'sending' then return {0, status} end
  redis.call('HSET', meta, 'status', 'paused')
  leave_lines()
  return {1, 'paused'}
end

function verbs.resume()
  if status ~= 'paused' then return {0, status} end
  redis.call('HSET', meta, 'status', 'sending')
  for code in string.gmatch(codes, '%l') do
    redis.call('RPUSH', 'ms:active:' .. code, bid)
    unpark(bid, code, now)
  end
  finish_if_done(bid, now)
  return {1, 'sending'}
end

function verbs.cancel()
  if status ~= 'scheduled' and status ~= 'sending' and status ~= 'paused' then return {0, status} end
  leave_lines()
  call_off(bid, codes, now)
  return {1, 'cancelled'}
end

function verbs.reschedule()
  if status ~= 'scheduled' then return {0, status} end
  redis.call('HSET', meta, 'send_at', ARGV[3], 'planned', '1')
  redis.call('HDEL', meta, 'held', 'back_to', 'late_since', 'stopped')
  place_scheduled(bid, ARGV[3])
  return {1, 'scheduled'}
end

-- To be sent at once after a moment in which it can be undone; back_to is the time that it had before.
function verbs.hold()
  if status ~= 'scheduled' then return {0, status} end
  local send_at, held = unpack(redis.call('HMGET', meta, 'send_at', 'held'))
  if held ~= '1' then redis.call('HSET', meta, 'back_to', send_at, 'held', '1') end
  redis.call('HSET', meta, 'send_at', ARGV[3])
  place_scheduled(bid, ARGV[3])
  return {1, 'scheduled'}
end

function verbs.undo()
  local held, back_to, late_since = unpack(redis.call('HMGET', meta, 'held', 'back_to', 'late_since'))
  if status ~= 'scheduled' or held ~= '1' then return {0, status} end
  if not back_to or (tonumber(back_to) <= now and not late_since) then return verbs.cancel() end
  redis.call('HSET', meta, 'send_at', back_to)
  redis.call('HDEL', meta, 'held', 'back_to')
  place_scheduled(bid, back_to, late_since)
  return {1, 'scheduled'}
end

return verbs[verb]()
