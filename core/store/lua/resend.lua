-- unknown -> queued, at an admin's request: once per request, however often the button was pressed.
-- ARGV: broadcast id, number of earlier requests ('' = continue with this one), when it began (ms, 0 = now), the number of
-- the last one of the failed and unknown that was looked at, most in this call.
-- Returns {1, moved, number of the last one, -1 = all were looked at, begun at ms}, or {0, 0, 0, 0} if there was another
-- request or it has not finished.
local broadcast_id, asked, begun, last, most = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local meta = meta_key(broadcast_id)
local troubled = meta .. ':troubled'
local status, resends = unpack(redis.call('HMGET', meta, 'status', 'resends'))
local now = now_ms()
local first = asked ~= ''
if first and (status ~= 'finished' or (resends or '0') ~= asked) then return {0, 0, 0, 0} end
if not first and status ~= 'finished' and status ~= 'sending' and status ~= 'paused' then return {0, 0, 0, 0} end
if first then begun = now end

for _, id in ipairs(redis.call('LPOP', meta .. ':trouble', most) or {}) do add_trouble(broadcast_id, id) end

local moved = 0
local found = redis.call('ZRANGEBYSCORE', troubled, '(' .. last, '+inf', 'WITHSCORES', 'LIMIT', 0, most)
for i = 1, #found, 2 do
  local id = found[i]
  local _, code, index = split_id(id)
  local row = redis.call('HEXISTS', meta, 'out:' .. code) == 0 and read_row(broadcast_id, code, index)
  -- What became unknown after the request was not meant.
  if row and row.code == 'u' and row.at <= begun then
    count(broadcast_id, code, 'u', 'q', row.extra, '')
    write_row(broadcast_id, code, index, {code = 'q', attempt = row.attempt, tries = 0, at = now, extra = '', token = ''})
    redis.call('ZREM', troubled, id)
    requeue(code, id, now)
    moved = moved + 1
  end
end
local more = #found == 2 * most
if first and (moved > 0 or more) then redis.call('HINCRBY', meta, 'resends', 1) end
if moved > 0 and status == 'finished' then reopen(broadcast_id, now) end
return {1, moved, more and found[#found] or '-1', int(begun)}
