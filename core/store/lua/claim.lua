-- queued -> sending for a bounded number of RQ jobs, within the shared rate, atomically with taking them off RQ's queue.
-- ARGV[1]: JSON object
--   code, queue: of the messenger; queue '' = a stock RQ worker has popped `jobs` already and clears them away itself
--   most, lease (ms), rate (per s), burst (ms), interval and group_interval (ms between two messages to one recipient)
--   lane, had: name of the caller's lane, number of batches that it has had under it
--   worker (its name in RQ), iso (now as ISO text), wip_ttl (s)
--   outcomes: recorded first, in the same step, as outcomes.lua takes them
--   jobs: ids; empty = pop them from the queue
-- Returns {ms until more may be taken (-1: the queue is empty), refused job ids, claims, their age in ms}; claims: JSON, a
-- list of {id, attempt, tries, token, address}, or '' for none.
-- A caller that lost an answer asks again with the same `had` and gets the same batch again. Whatever copies of a call
-- arrive, and however late, each batch is given once.
local ask = cjson.decode(ARGV[1])
local code, queue, most, lease = ask.code, ask.queue, ask.most, ask.lease
local rate, burst, interval, group_interval = ask.rate, ask.burst * 1000, ask.interval, ask.group_interval
local us = now_us()
local now = math.floor(us / 1000)
local claims, refused = {}, {}
record_outcomes(ask.outcomes, now)

-- ms:claims:<lane>: number of the last batch | when it was given (ms) | its claims. It outlasts any outage but a long one.
local lane, LANE_LIFE = 'ms:claims:' .. ask.lane, 3600
local number, given_at, given = string.match(redis.call('GET', lane) or '', '^(%d+)|(%d+)|(.*)$')
if number and tonumber(number) > ask.had then return {0, refused, given, math.max(0, now - given_at)} end
local base = ask.lane .. '-' .. int(ask.had + 1) .. '-'

local halted = halted_for(code, now)
if halted then return {halted, refused, '', 0} end
if redis.call('EXISTS', 'rq:suspended') == 1 then return {1000, refused, '', 0} end
local panic = panic_now()
if panic and not panic.some then return {1000, refused, '', 0} end

local gap = 1000000 / rate
local tat = used_until(code, us, gap)
local permits = math.min(most, math.floor((us + burst - tat) / gap) + 1)
if us + burst < tat then permits = 0 end
if permits < 1 then return {math.max(1, math.ceil((tat - burst - us) / 1000)), refused, '', 0} end

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
  if queue ~= '' then
    redis.call('HSET', 'rq:job:' .. jid, 'status', 'started', 'started_at', ask.iso, 'last_heartbeat', ask.iso,
      'worker_name', ask.worker)
    add('rq:wip:' .. queue, math.floor(now / 1000) + ask.wip_ttl, jid .. ':' .. token)
  end
  claims[#claims + 1] = {id, row.attempt, row.tries, token, address}
end

if longest > 0 then redis.call('ZREMRANGEBYSCORE', pace_key, '-inf', now) end
local wait = 0
if #ask.jobs > 0 then
  look_ahead(ask.jobs)
  for _, jid in ipairs(ask.jobs) do claim(jid) end
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
if #claims == 0 then return {wait, refused, '', 0} end
use_rate(code, tat + #claims * gap, gap)
flush()
if longest > 0 then redis.call('PEXPIRE', pace_key, longest) end
local packed = cjson.encode(claims)
redis.call('SET', lane, table.concat({int(ask.had + 1), int(now), packed}, '|'), 'EX', LANE_LIFE)
return {wait, refused, packed, 0}
