-- unknown -> queued, at an admin's request: once per request, however often the button was pressed.
-- ARGV: broadcast id, number of earlier requests ('' = continue with this one), when it began (ms, 0 = now), how many of the
-- failed and unknown are left to look at (-1 = all), most in this call.
-- Returns {1, moved, left to look at, begun at ms}, or {0, 0, 0, 0} if there was another request or it has not finished.
local broadcast_id, asked, begun, left, most = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local meta = meta_key(broadcast_id)
local status, resends = unpack(redis.call('HMGET', meta, 'status', 'resends'))
local now = now_ms()
local first = asked ~= ''
if first and (status ~= 'finished' or (resends or '0') ~= asked) then return {0, 0, 0, 0} end
if not first and status ~= 'finished' and status ~= 'sending' and status ~= 'paused' then return {0, 0, 0, 0} end
if first then begun, left = now, redis.call('LLEN', meta .. ':trouble') end

-- The list is turned once around: taken off its head, and what stays in it put back at its end.
local moved = 0
for _ = 1, math.min(most, left) do
  local id = redis.call('LPOP', meta .. ':trouble')
  if not id then left = 0 break end
  left = left - 1
  local _, code, index = split_id(id)
  local row = redis.call('HEXISTS', meta, 'out:' .. code) == 0 and read_row(broadcast_id, code, index)
  -- What became unknown after the request was not meant.
  if row and row.code == 'u' and row.at <= begun then
    count(broadcast_id, code, 'u', 'q', row.extra, '')
    write_row(broadcast_id, code, index, {code = 'q', attempt = row.attempt, tries = 0, at = now, extra = '', token = ''})
    requeue(code, id, now)
    moved = moved + 1
  else
    redis.call('RPUSH', meta .. ':trouble', id)
  end
end
if first and moved + left > 0 then redis.call('HINCRBY', meta, 'resends', 1) end
if moved > 0 and status == 'finished' then reopen(broadcast_id, now) end
return {1, moved, left, int(begun)}
