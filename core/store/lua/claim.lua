-- queued -> sending for a bounded number of RQ jobs, within the shared rate, atomically with taking them off RQ's queue.
-- ARGV: code, queue, most, lease ms, token base, rate per s, burst ms, recipient interval ms, the same for groups, RQ worker name, now as ISO text, wip ttl s,
-- outcomes ('' or as outcomes.lua takes them: recorded first, in the same step), job ids...
-- Without job ids the jobs are popped from the queue; with them (a stock RQ worker has popped already) exactly those are claimed.
-- Returns {wait ms until more may be taken (-1: the queue is empty), refused job ids, claims}; claim = {id, attempt, tries, token, address}.
local code, queue, most, lease, base = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local rate, burst, interval = tonumber(ARGV[6]), tonumber(ARGV[7]) * 1000, tonumber(ARGV[8])
local group_interval = tonumber(ARGV[9])
local worker, iso, wip_ttl = ARGV[10], ARGV[11], tonumber(ARGV[12])
local given = #ARGV > 13
local us = now_us()
local now = math.floor(us / 1000)
local claims, refused = {}, {}
if ARGV[13] ~= '' then record_outcomes(ARGV[13], now) end

local halted = halted_for(code, now)
if halted then return {halted, refused, claims} end
if redis.call('EXISTS', 'rq:suspended') == 1 then return {1000, refused, claims} end
local panic = panic_now()
if panic and not panic.some then return {1000, refused, claims} end

local gap = 1000000 / rate
local tat = used_until(code, us, gap)
local permits = math.min(most, math.floor((us + burst - tat) / gap) + 1)
if us + burst < tat then permits = 0 end
if permits < 1 then return {math.max(1, math.ceil((tat - burst - us) / 1000)), refused, claims} end

local metas = {}
local function broadcast(bid)
  if not metas[bid] then metas[bid] = redis.call('HMGET', meta_key(bid), 'status', 'list', 'size:' .. code, 'quiet') end
  return metas[bid][1], metas[bid][2], tonumber(metas[bid][3]), metas[bid][4]
end

-- Known of a whole batch before its first claim: packed addresses, who asked for no messages, and who was written to a
-- moment ago -> when they may be again (ms).
local addresses, stopped, free_at = {}, {}, {}
local stop_key, pace_key, longest = 'ms:stop:' .. code, 'ms:pace:' .. code, math.max(interval, group_interval)
local asked_to_stop = redis.call('EXISTS', stop_key) == 1

local function address_key(list, index) return string.format('ms:a:%s:%s:%d', list, code, index / CHUNK) end
local function person_at(packed) return string.match(packed, '^[^\31]*') end

local function look_at_persons(persons)
  if #persons == 0 then return end
  if asked_to_stop then prefetch(stopped, {[stop_key] = persons}) end
  if longest == 0 then return end
  for i, at in ipairs(redis.call('ZMSCORE', pace_key, unpack(persons))) do
    local when = tonumber(at or '0')
    -- Further ahead than any interval: the clock has stepped back since.
    free_at[persons[i]] = free_at[persons[i]] or (when > now + longest and 0 or when)
  end
end

local function look_ahead(jids)  -- a few hundred at most
  local of_rows, of_addresses, persons = {}, {}, {}
  for _, jid in ipairs(jids) do
    local bid, of, index = split_id(split_job(jid) or '')
    local _, list = broadcast(bid or '')
    if list and of == code then
      into(of_rows, row_key(bid, code, index), index % CHUNK)
      into(of_addresses, address_key(list, index), index % CHUNK)
    end
  end
  prefetch(rows, of_rows)
  prefetch(addresses, of_addresses)
  for key, fields in pairs(of_addresses) do
    for _, field in ipairs(fields) do
      if addresses[key][field] then persons[#persons + 1] = person_at(addresses[key][field]) end
    end
  end
  look_at_persons(persons)
end

-- Who asked to get no messages gets none, however long ago the order was accepted.
local function wants_none(person)
  local entry = asked_to_stop and stopped[stop_key][person]
  return entry and string.sub(entry, 1, 1) ~= '|'
end

local function refuse(jid)
  if queue ~= '' and redis.call('EXISTS', 'rq:job:' .. jid) == 1 then
    redis.call('HSET', 'rq:job:' .. jid, 'status', 'failed')
    redis.call('ZADD', 'rq:failed:' .. queue, math.floor(now / 1000) + 86400, jid)
    redis.call('EXPIRE', 'rq:job:' .. jid, 86400)
  end
  refused[#refused + 1] = jid
end

local function unusable(jid, bid, index, raw)
  set_aside(bid, code, index, raw, 'q', now)
  drop_job(queue, jid, '')
end

local function claim(jid)
  remove('ms:window:' .. code, jid)
  local id, attempt = split_job(jid)
  local bid, of, index
  if id then bid, of, index = split_id(id) end
  if not bid or of ~= code then return refuse(jid) end
  local status, list, size, quiet = broadcast(bid)
  if status and not (size and index < size) then return refuse(jid) end
  local row, raw = read_row(bid, code, index)
  local due = row and row.code == 'q' and row.attempt == attempt
  local data = redis.call('HGET', 'rq:job:' .. jid, 'data')
  if data and data ~= string.format(DELIVER, id) then
    -- Somebody wrote over a job of ours: the delivery gets a new one.
    if status and due then put_back(code, id, now) end
    return refuse(jid)
  end
  if status and not row then return unusable(jid, bid, index, raw) end
  local waits = status == 'paused' or (status == 'sending' and not may_send(panic, bid, code))
  if waits and due then park(bid, code, id) end
  if waits or status ~= 'sending' or not due then return drop_job(queue, jid, '') end
  local address = addresses[address_key(list, index)][index % CHUNK]
  if not address then return unusable(jid, bid, index, raw) end
  local hours = own_hours(address) or quiet
  local till = hours and quiet_until(hours, now)
  if hours and (till or row.extra == 'quiet_hours') then
    if row.extra == 'quiet_hours' then count_waits(bid, hours, -1) end
    if till then count_waits(bid, hours, 1) end
    row.at, row.extra = till or now, till and 'quiet_hours' or ''
    write_row(bid, code, index, row)
    if till then
      put_back(code, id, till)
      return drop_job(queue, jid, '')
    end
  end
  local person = person_at(address)
  if wants_none(person) then
    move(bid, code, index, row,
      {code = 'f', attempt = row.attempt, tries = row.tries, at = now, extra = 'opted_out', token = ''})
    finish_if_done(bid, now)
    return drop_job(queue, jid, '')
  end
  local least = string.match(address, '^[-@]') and group_interval or interval
  if least > 0 then
    if free_at[person] > now then
      put_back(code, id, free_at[person])
      return drop_job(queue, jid, '')
    end
    free_at[person] = now + least
    add(pace_key, now + least, person)
  end
  local token = base .. int(#claims)
  move(bid, code, index, row,
    {code = 'g', attempt = row.attempt + 1, tries = row.tries, at = now + lease, extra = '', token = token})
  add('ms:sending', now + lease, jid .. '|' .. token)
  if not given then
    redis.call('HSET', 'rq:job:' .. jid, 'status', 'started', 'started_at', iso, 'last_heartbeat', iso, 'worker_name', worker)
    add('rq:wip:' .. queue, math.floor(now / 1000) + wip_ttl, jid .. ':' .. token)
  end
  claims[#claims + 1] = {id, row.attempt, row.tries, token, address}
end

if longest > 0 then redis.call('ZREMRANGEBYSCORE', pace_key, '-inf', now) end
local wait = 0
if given then
  local jids = {unpack(ARGV, 14)}
  look_ahead(jids)
  for _, jid in ipairs(jids) do claim(jid) end
else
  -- Jobs that turn out stale cost no permit, so more may be popped than claimed; the bound keeps one call short.
  local popped = 0
  while #claims < permits and popped < 2 * most do
    local batch = redis.call('LPOP', 'rq:queue:' .. queue, math.min(permits - #claims, 100))
    if not batch then wait = -1 break end
    popped = popped + #batch
    look_ahead(batch)
    for _, jid in ipairs(batch) do claim(jid) end
  end
end
if #claims > 0 then
  use_rate(code, tat + #claims * gap, gap)
  flush()
  if longest > 0 then redis.call('PEXPIRE', pace_key, longest) end
end
return {wait, refused, claims}
