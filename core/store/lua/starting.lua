-- Shared by every script; put in front of it, behind lib.lua, when it is loaded.

-- scheduled -> sending, once; what was planned or is held never before its time. Returns the new status, or ''. While everything is stopped (panic) it stays scheduled. So does what was planned and is so late that everything must
-- have been down: it waits for an answer, or is cancelled, as was chosen (late, late_after). ms:late lists both for the bot.
local function start(broadcast_id, now)
  local meta = meta_key(broadcast_id)
  local status, send_at, codes, planned, held = unpack(redis.call('HMGET', meta, 'status', 'send_at', 'codes', 'planned', 'held'))
  if not status then return '' end
  local early = (planned == '1' or held == '1') and tonumber(send_at) > now
  if status ~= 'scheduled' or early then return status end
  local panic = panic_now()
  local held_up = panic and true
  for code in string.gmatch(codes, '%l') do held_up = held_up and not may_send(panic, broadcast_id, code) end
  if held_up then
    -- What was due while nothing ran is late all the same.
    local at, since = unpack(redis.call('HMGET', PANIC, 'at', 'since'))
    if not (since and tonumber(send_at) < tonumber(at)) then redis.call('HSET', meta, 'stopped', '1') end
    return status
  end
  if planned == '1' and held ~= '1' then
    local late, after, since, stopped = unpack(redis.call('HMGET', meta, 'late', 'late_after', 'late_since', 'stopped'))
    if since then return status end
    if late ~= 'send' and after and not stopped and now - tonumber(send_at) > tonumber(after) then
      add_notice(broadcast_id, now)
      if late == 'skip' then
        redis.call('HSET', meta, 'missed', '1')
        cancel_queued(broadcast_id, codes, now)
        return 'cancelled'
      end
      redis.call('HSET', meta, 'late_since', int(now))
      place_scheduled(broadcast_id, send_at, true)
      return status
    end
  end
  if redis.call('HEXISTS', meta, 'late_since') == 1 then ring('notices') end
  redis.call('HSET', meta, 'status', 'sending', 'started_at', int(now))
  redis.call('ZREM', 'ms:i:scheduled', broadcast_id)
  redis.call('ZADD', 'ms:i:running', now, broadcast_id)
  for code in string.gmatch(codes, '%l') do activate(broadcast_id, code) end
  return 'sending'
end
