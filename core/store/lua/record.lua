-- Outcomes of claimed deliveries. ARGV, eight for each: job id, token, queue ('' = a stock RQ worker
-- holds the job), to (s f u q), extra (message id or reason), delay ms, '1' if it costs a try, '1' if receipts find it
-- by its message id.
-- to 'q' gives the delivery back: not before now + delay. Returns how many were recorded; a stale token records nothing.
local now = math.floor(now_us() / 1000)
local touched, recorded = {}, 0
local RECEIVED = {s = true, d = true, r = true, f = true}

-- A receipt was faster than the answer: all that the answer can add is the messenger's id.
local function complete(bid, code, index, row, to, extra)
  if to == 's' and row.code ~= 'f' and row.extra == '' then row.extra = extra end
  row.token = ''
  write_row(bid, code, index, row)
  recorded = recorded + 1
end

local function record(jid, token, queue, to, extra, delay, costs, indexed)
  local claimed = redis.call('ZREM', 'ms:sending', jid .. '|' .. token) == 1
  if claimed then drop_job(queue, jid, token) end
  local id = split_job(jid)
  local bid, code, index = split_id(id)
  if redis.call('EXISTS', meta_key(bid)) == 0 then return end
  local row, raw = read_row(bid, code, index)
  if not row and claimed then return set_aside(bid, code, index, raw, 'g', now) end
  if not row or row.token ~= token then return end
  if RECEIVED[row.code] then return complete(bid, code, index, row, to, extra) end
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
  if to == 's' and indexed == '1' and extra ~= '' then remember_sent(jid, extra, now) end
  if to == 'f' and OUT_OF_REACH[extra] then set_reach('ms:out:' .. code, address_of(bid, code, index), extra, now) end
  touched[bid] = true
  recorded = recorded + 1
end

for i = 1, #ARGV, 8 do record(unpack(ARGV, i, i + 7)) end
for bid in pairs(touched) do finish_if_done(bid, now) end
return recorded
