-- Fills a messenger's RQ queue up to its window: deliveries whose next try is due first, then each running broadcast in turn.
-- ARGV: code, queue, window, quantum, most jobs in this call, now as ISO text. Returns how many jobs were made.
local code, queue = ARGV[1], ARGV[2]
local window, quantum, most, iso = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
local fed_key = 'ms:window:' .. code
local room = math.min(most, window - redis.call('ZCARD', fed_key))
local now = now_ms()
local made = 0
local panic = panic_now()
if panic and not panic.some then return 0 end

-- What was parked is due again when its broadcast may be sent. What waits elsewhere needs no room.
local function unpark_some()
  local broadcast_id = redis.call('SRANDMEMBER', 'ms:unparking:' .. code)
  if not broadcast_id then return end
  local status, held, out = unpack(redis.call('HMGET', meta_key(broadcast_id), 'status', 'hold:' .. code, 'out:' .. code))
  local parked = meta_key(broadcast_id) .. ':parked:' .. code
  if status == 'sending' and not held and not out and may_send(panic, broadcast_id, code) then
    for _, id in ipairs(redis.call('SPOP', parked, most)) do requeue(code, id, now) end
    flush()
    if redis.call('EXISTS', parked) == 1 then return end
  end
  redis.call('SREM', 'ms:unparking:' .. code, broadcast_id)
end

unpark_some()

local function feed(id, attempt)
  local job_id = 'd-' .. id .. '-' .. int(attempt)
  add_job(queue, job_id, id, iso)
  add(fed_key, now, job_id)
  made = made + 1
  ring('claim:' .. code)
end

if room > 0 then
  -- When many are due at once, as at the end of quiet hours, running broadcasts keep half of the room.
  local due = redis.call('EXISTS', 'ms:active:' .. code) == 1 and math.ceil(room / 2) or room
  local ids = redis.call('ZRANGEBYSCORE', 'ms:due:' .. code, '-inf', now, 'LIMIT', 0, due)
  local of_rows, metas = {}, {}
  for _, id in ipairs(ids) do
    remove('ms:due:' .. code, id)
    local broadcast_id, _, index = split_id(id)
    append(of_rows, row_key(broadcast_id, code, index), index % CHUNK)
    metas[broadcast_id] = metas[broadcast_id]
      or redis.call('HMGET', meta_key(broadcast_id), 'status', 'hold:' .. code, 'out:' .. code)
  end
  prefetch(rows, of_rows)
  for _, id in ipairs(ids) do
    local broadcast_id, _, index = split_id(id)
    local row, raw = read_row(broadcast_id, code, index)
    local status, held, out = unpack(metas[broadcast_id])
    if out then status = nil end
    if status and not row then
      quarantine_row(broadcast_id, code, index, raw, 'q', now)
    elseif status == 'paused' or (status == 'sending' and (held or not may_send(panic, broadcast_id, code))) then
      park(broadcast_id, code, id)
    elseif status == 'sending' and row.code == 'q' then
      feed(id, row.attempt)
    end
  end
end

-- With many broadcasts each gets less at a time, so that the first delivery of the last one does not wait long.
local turns = redis.call('LLEN', 'ms:active:' .. code)
quantum = math.max(1, math.min(quantum, math.floor((room - made) / math.max(1, turns))))
while made < room and turns > 0 do
  local broadcast_id = redis.call('LPOP', 'ms:active:' .. code)
  if not broadcast_id then break end
  local status, fed, size, held, out, first, first_at, first_waits = unpack(redis.call('HMGET', meta_key(broadcast_id), 'status',
    'fed:' .. code, 'size:' .. code, 'hold:' .. code, 'out:' .. code, 'first:' .. code, 'first_at:' .. code, 'first_waits:' .. code))
  if first and first_at and now - first_at >= tonumber(first_waits or '0') then
    let_all_go(broadcast_id, code)
    first = nil
  end
  fed, size = tonumber(fed or '0'), tonumber(size or '0')
  if status ~= 'sending' or held or out or fed >= size then
    turns = turns - 1
  elseif not may_send(panic, broadcast_id, code) then
    redis.call('RPUSH', 'ms:active:' .. code, broadcast_id)
    turns = turns - 1
  else
    local till = math.max(fed, math.min(size, fed + quantum, fed + room - made, tonumber(first) or size))
    for index = fed, till - 1 do feed(broadcast_id .. '-' .. code .. int(index), 0) end
    redis.call('HSET', meta_key(broadcast_id), 'fed:' .. code, int(till))
    if till < size then redis.call('RPUSH', 'ms:active:' .. code, broadcast_id) end
    if till == size or till == fed then turns = turns - 1 end
  end
end
return made
