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

-- Claims of this batch that nobody has recorded or reaped before.
local held = {}

local standing = {}
local function stands(bid)
  if standing[bid] == nil then standing[bid] = redis.call('EXISTS', meta_key(bid)) == 1 end
  return standing[bid]
end

local function record(jid, token, queue, to, extra, delay, costs, indexed)
  local member = jid .. '|' .. token
  local claimed = held[member]
  if claimed then
    held[member] = nil
    remove('ms:sending', member)
    drop_job(queue, jid, token)
  end
  local id = split_job(jid)
  local bid, code, index = split_id(id)
  if not stands(bid) then return end
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

local wanted, members = {}, {}
for i = 1, #ARGV, 8 do
  local bid, code, index = split_id(split_job(ARGV[i]))
  into(wanted, row_key(bid, code, index), index % CHUNK)
  members[#members + 1] = ARGV[i] .. '|' .. ARGV[i + 1]
end
prefetch(rows, wanted)
for i = 1, #members, 1000 do
  local last = math.min(#members, i + 999)
  for j, score in ipairs(redis.call('ZMSCORE', 'ms:sending', unpack(members, i, last))) do
    held[members[i + j - 1]] = score and true or nil
  end
end
for i = 1, #ARGV, 8 do record(unpack(ARGV, i, i + 7)) end
for bid in pairs(touched) do finish_if_done(bid, now) end
return recorded
