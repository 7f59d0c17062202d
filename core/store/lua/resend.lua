-- unknown -> queued, at an admin's request: once per request, however often the button was pressed.
-- ARGV: broadcast id, number of earlier requests ('' = continue with this one), when it began (ms, 0 = now), the number of
-- the last one of the failed and unknown that was looked at, most in this call, token of the request: repeated after a lost
-- answer, it is the same one.
-- Returns {1, how many this request has moved, number of the last one, -1 = all were looked at, begun at ms}, or {0, 0, 0, 0} if
-- there was another request or it has not finished.
local broadcast_id, asked, begun, last, most, token = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5]), ARGV[6]
local meta = meta_key(broadcast_id)
local troubled = meta .. ':troubled'
local status, resends, latest, latest_begun =
  unpack(redis.call('HMGET', meta, 'status', 'resends', 'resend_token', 'resend_begun'))
local now = now_ms()
local first, repeated = asked ~= '', latest == token
local begins = first and not repeated
if begins and (status ~= 'finished' or (resends or '0') ~= asked) then return {0, 0, 0, 0} end
if not begins and status ~= 'finished' and status ~= 'sending' and status ~= 'paused' then return {0, 0, 0, 0} end
if first then begun = repeated and tonumber(latest_begun) or now end

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
local total = moved
if repeated then
  total = redis.call('HINCRBY', meta, 'resend_moved', moved)
elseif begins and (moved > 0 or more) then
  redis.call('HINCRBY', meta, 'resends', 1)
  redis.call('HSET', meta, 'resend_token', token, 'resend_begun', int(now), 'resend_moved', moved)
end
if moved > 0 and status == 'finished' then reopen(broadcast_id, now) end
return {1, total, more and found[#found] or '-1', int(begun)}
