-- Holds one messenger's part of a broadcast back, and lets it go. ARGV: verb, broadcast_id, code, then as below.
-- meta hold:<code>: at ms|reason|the messenger's words; out:<code>: 1 where that part was left out.
-- ms:strikes:<broadcast_id>:<code>: run:<key> = equal refusals in a row, all:<key> = since the part last began, at = when the
-- last one was that came later, in a receipt. ...:seen: the attempts that were refused so, as receipts come several times.
local verb, broadcast_id, code = ARGV[1], ARGV[2], ARGV[3]
local meta = meta_key(broadcast_id)
local strikes, STRIKES_LIFE = 'ms:strikes:' .. broadcast_id .. ':' .. code, 86400
local seen = strikes .. ':seen'
local now = now_ms()
local verbs = {}

local function hold(reason, words)
  redis.call('HSET', meta, 'hold:' .. code, int(now) .. '|' .. reason .. '|' .. words)
  redis.call('UNLINK', strikes)
  return 2
end

local function count_of(state) return tonumber(redis.call('HGET', meta, 'n:' .. code .. ':' .. state) or '0') end

-- most: how many in a row hold it back; here: how many of those refused are counted as in the air.
-- Returns 0, 1 where it is held back already, 2 where that begins now.
local function strike(key, refused, reason, words, most, here)
  local status, held = unpack(redis.call('HMGET', meta, 'status', 'hold:' .. code))
  if status ~= 'sending' and status ~= 'paused' then return 0 end
  if held then return 1 end
  local run = redis.call('HINCRBY', strikes, 'run:' .. key, int(refused))
  local all = redis.call('HINCRBY', strikes, 'all:' .. key, int(refused))
  redis.call('EXPIRE', strikes, STRIKES_LIFE)
  local queued, sending = count_of('q'), count_of('g')
  -- Where nobody waits behind them there is nothing to hold back.
  if queued + sending - here <= 0 then return 0 end
  local done = tonumber(redis.call('HGET', meta, 'size:' .. code)) - queued - sending + here
  if run >= most or (all >= 10 and all * 10 >= done) then return hold(reason, words) end
  return 0
end

-- ARGV: key, how many equal refusals, reason, words, most, here.
function verbs.strike()
  return strike(ARGV[4], tonumber(ARGV[5]), ARGV[6], ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9]))
end

function verbs.clear()
  for _, field in ipairs(redis.call('HKEYS', strikes)) do
    if string.sub(field, 1, 4) == 'run:' then redis.call('HDEL', strikes, field) end
  end
  return 1
end

-- What receipts tell, by their times. ARGV: six for each: key ('' = a message was sent on), at ms, attempt, reason, words, most.
-- A message that was sent on since the last refusal ends the row.
function verbs.told()
  local result = 0
  for i = 4, #ARGV, 6 do
    local key, at, attempt, reason, words, most = unpack(ARGV, i, i + 5)
    if key == '' then
      local last = redis.call('HGET', strikes, 'at')
      if last and tonumber(at) >= tonumber(last) then verbs.clear() end
    elseif redis.call('SADD', seen, attempt) == 1 then
      redis.call('EXPIRE', seen, STRIKES_LIFE)
      result = strike(key, 1, reason, words, tonumber(most), 0)
      if redis.call('EXISTS', strikes) == 1 then redis.call('HSET', strikes, 'at', at) end
    end
  end
  return result
end

function verbs.release()
  if redis.call('HDEL', meta, 'hold:' .. code) == 0 then return 0 end
  redis.call('UNLINK', strikes)
  if redis.call('HGET', meta, 'status') ~= 'sending' then return 1 end
  redis.call('LREM', 'ms:active:' .. code, 0, broadcast_id)
  activate(broadcast_id, code)
  unpark(broadcast_id, code)
  return 1
end

function verbs.leave_out()
  local status = redis.call('HGET', meta, 'status')
  if (status ~= 'sending' and status ~= 'paused') or redis.call('HEXISTS', meta, 'out:' .. code) == 1 then return 0 end
  redis.call('HDEL', meta, 'hold:' .. code)
  redis.call('HSET', meta, 'out:' .. code, 1)
  count_as_cancelled(meta, code)
  redis.call('UNLINK', strikes, seen)
  redis.call('LREM', 'ms:active:' .. code, 0, broadcast_id)
  finish_if_done(broadcast_id, now)
  return 1
end

return verbs[verb]()
