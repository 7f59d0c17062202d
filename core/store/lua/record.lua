-- Outcomes of claimed deliveries. ARGV, seven for each: job id, token, queue ('' = a stock RQ worker
-- holds the job), to (s f u q), extra (message id or reason), delay ms, '1' if it costs a try.
-- to 'q' gives the delivery back: not before now + delay. Returns how many were recorded; a stale token records nothing.
local now = math.floor(now_us() / 1000)
local touched, recorded = {}, 0

local function record(jid, token, queue, to, extra, delay, costs)
  local claimed = redis.call('ZREM', 'ms:sending', jid .. '|' .. token) == 1
  if claimed then drop_job(queue, jid, token) end
  local id = split_job(jid)
  local bid, code, index = split_id(id)
  if redis.call('EXISTS', meta_key(bid)) == 0 then return end
  local row, raw = read_row(bid, code, index)
  if not row and claimed then return set_aside(bid, code, index, raw, 'g', now) end
  if not row or row.token ~= token then return end
  local mine = row.code == 'g' or (row.code == 'u' and to == 's')
  if not mine then return end
  local target = {code = to, attempt = row.attempt, tries = row.tries, at = now, extra = extra, token = to == 'u' and token or ''}
  if to == 'q' then
    if costs == '1' then target.tries = row.tries + 1 end
    target.at = now + tonumber(delay)
    local status = redis.call('HGET', meta_key(bid), 'status')
    if status == 'cancelled' then target.code = 'c' else put_back(code, id, target.at) end
  end
  move(bid, code, index, row, target)
  touched[bid] = true
  recorded = recorded + 1
end

for i = 1, #ARGV, 7 do record(unpack(ARGV, i, i + 6)) end
for bid in pairs(touched) do finish_if_done(bid, now) end
return recorded
