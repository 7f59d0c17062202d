-- Stops all sending at once, and releases it. ms:panic is a hash: at, by, name, since (ms; only when the programs
-- stopped by themselves: the last sign of life before, see beat.lua), lost ('1': the store has lost what came after), and a
-- field for each part released since: m:<messenger>, b:<broadcast>. The other scripts read it in the same step in which they feed, claim or start.
-- ARGV: 'stop', by, name: returns 1, or 0 if everything is stopped already.
-- ARGV: 'release', `at` of the stop that is meant, 'all' or such a field, letters of all messengers: returns 1, or 0 if
-- that stop is over or the part was released already.
local verb = ARGV[1]
local now = now_ms()

local function release_all()
  redis.call('UNLINK', PANIC)
  for _, broadcast_id in ipairs(redis.call('ZRANGE', 'ms:i:running', 0, -1)) do
    local status, codes = unpack(redis.call('HMGET', meta_key(broadcast_id), 'status', 'codes'))
    if status == 'sending' then
      for code in string.gmatch(codes, '%l') do unpark(broadcast_id, code) end
    end
  end
end

local function release(field)
  if redis.call('HSETNX', PANIC, field, '1') == 0 then return 0 end
  for _, broadcast_id in ipairs(redis.call('ZRANGE', 'ms:i:running', 0, -1)) do
    local status, codes = unpack(redis.call('HMGET', meta_key(broadcast_id), 'status', 'codes'))
    for code in string.gmatch(status == 'sending' and codes or '', '%l') do
      if field == 'b:' .. broadcast_id or field == 'm:' .. code then unpark(broadcast_id, code) end
    end
  end
  for code in string.gmatch(ARGV[4], '%l') do
    if redis.call('HEXISTS', PANIC, 'm:' .. code) == 0 then return 1 end
  end
  redis.call('UNLINK', PANIC)  -- all messengers are released: nothing is stopped
  return 1
end

if verb == 'stop' then
  local panic = panic_now()
  if panic and not panic.some then return 0 end
  redis.call('UNLINK', PANIC)
  redis.call('HSET', PANIC, 'at', int(now), 'by', ARGV[2], 'name', ARGV[3])
  return 1
end
if redis.call('HGET', PANIC, 'at') ~= ARGV[2] then return 0 end
ring('start')
ring('amend')
for code in string.gmatch(ARGV[4], '%l') do ring('feed:' .. code) ring('claim:' .. code) end
if ARGV[3] ~= 'all' then return release(ARGV[3]) end
release_all()
return 1
