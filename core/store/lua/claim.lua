-- queued -> sending for a bounded number of RQ jobs, within the shared rate, atomically with taking them off RQ's queue.
-- ARGV[1]: JSON object
--   code, queue: of the messenger; queue '' = a stock RQ worker has popped `jobs` already and clears them away itself
--   most, lease (ms), rate (per s), burst (ms), interval and group_interval (ms between two messages to one recipient)
--   lane, had, had_at: name of the caller's lane, number of batches that it has had under it, and when the last was given (ms)
--   lane_life: for how long the store keeps the last batch of a lane (ms)
--   worker (its name in RQ), iso (now as ISO text), wip_ttl (s)
--   outcomes: recorded first, in the same step, as outcomes.lua takes them
--   jobs: ids; empty = pop them from the queue
-- Returns {ms until more may be taken (-1: the queue is empty, -2: the store has lost claims of this lane, and everything was
-- stopped), refused job ids, claims, their age in ms, now in ms}; claims: JSON, a list of {id, attempt, tries, token, address},
-- or '' for none.
-- A caller that lost an answer asks again with the same `had` and gets the same batch again. Whatever copies of a call
-- arrive, and however late, each batch is given once.
local ask = cjson.decode(ARGV[1])
local code, queue, most, lease = ask.code, ask.queue, ask.most, ask.lease
local rate, burst, interval, group_interval = ask.rate, ask.burst * 1000, ask.interval, ask.group_interval
local us = now_us()
local now = math.floor(us / 1000)
local claims, refused = {}, {}
record_outcomes(ask.outcomes, now)

local number, given_at, given = last_batch(ask.lane)
if number and tonumber(number) > ask.had then return {0, refused, given, math.max(0, now - given_at), now} end
-- A lane that has rested for so long, as on a machine that slept, begins anew.
local rested = not number and now - ask.had_at >= ask.lane_life
if ask.had > tonumber(number or '0') and not rested then
  -- An older copy was put back, or a replica became master that did not have them: who was written to looks as if never tried.
  local since = given_at and math.floor(given_at / 1000) or last_sign() or math.floor(now / 1000)
  if is_new_loss(ask.had_at) then ask_first(now, since, true) end
  return {-2, refused, '', 0, now}
end
local base = ask.lane .. '-' .. int(ask.had + 1) .. '-'

local halted = halted_for(code, now)
if halted then return {halted, refused, '', 0, now} end
if #ask.jobs == 0 and redis.call('EXISTS', 'rq:queue:' .. queue) == 0 then return {-1, refused, '', 0, now} end
if redis.call('EXISTS', 'rq:suspended') == 1 then return {1000, refused, '', 0, now} end
-- The caller itself gives a sign every few seconds. After a gap the next sign decides whether to ask first: see beat.lua.
local last, LONGEST_GAP = last_sign(), 60
if last and now / 1000 - last > LONGEST_GAP then return {1000, refused, '', 0, now} end
local panic = panic_now()
if panic and not panic.some then return {1000, refused, '', 0, now} end

local gap = 1000000 / rate
local tat = used_until(code, us, gap)
local permits = math.min(most, math.floor((us + burst - tat) / gap) + 1)
if us + burst < tat then permits = 0 end
if permits < 1 then return {math.max(1, math.ceil((tat - burst - us) / 1000)), refused, '', 0, now} end

local metas = {}
local function broadcast(broadcast_id)
  local meta = metas[broadcast_id]
  if not meta then
    meta = redis.call('HMGET', meta_key(broadcast_id), 'status', 'list', 'size:' .. code, 'quiet', 'hold:' .. code, 'out:' .. code,
      'again_days', 'started_at')
    metas[broadcast_id] = meta
  end
  return meta[1], meta[2], tonumber(meta[3]), meta[4], meta[5], meta[6], again_until(meta[7], meta[8])
end

-- Read for a whole batch before its first claim: packed addresses, opt-outs, and for recipients who got a message a moment
-- ago when the next one may be sent (ms).
local addresses, stopped, free_at = {}, {}, {}
local stop_key, pace_key, longest = 'ms:stop:' .. code, 'ms:pace:' .. code, math.max(interval, group_interval)
local any_opted_out = redis.call('EXISTS', stop_key) == 1

local function address_key(list, index) return string.format('ms:a:%s:%s:%d', list, code, index / CHUNK) end
local function person_at(packed) return string.match(packed, '^[^\31]*') end
-- The topics of a forum share the pace of their chat: "-100123/42".
local function chat_of(person) return string.match(person, '^([-@][^/]*)/') or person end

local function prefetch_people(persons)
  if #persons == 0 then return end
  if any_opted_out then prefetch(stopped, {[stop_key] = persons}) end
  if longest == 0 then return end
  local chats = {}
  for i, person in ipairs(persons) do chats[i] = chat_of(person) end
  for i, at in ipairs(redis.call('ZMSCORE', pace_key, unpack(chats))) do
    local when = tonumber(at or '0')
    -- Further ahead than any interval: the clock has stepped back.
    free_at[chats[i]] = free_at[chats[i]] or (when > now + longest and 0 or when)
  end
end

local function prefetch_batch(job_ids)  -- a few hundred at most
  local of_rows, of_addresses, persons = {}, {}, {}
  for _, job_id in ipairs(job_ids) do
    local broadcast_id, of, index = split_id(split_job(job_id) or '')
    local _, list = broadcast(broadcast_id or '')
    if list and of == code then
      append(of_rows, row_key(broadcast_id, code, index), index % CHUNK)
      append(of_addresses, address_key(list, index), index % CHUNK)
    end
  end
  prefetch(rows, of_rows)
  prefetch(addresses, of_addresses)
  for key, fields in pairs(of_addresses) do
    for _, field in ipairs(fields) do
      if addresses[key][field] and addresses[key][field] ~= '' then persons[#persons + 1] = person_at(addresses[key][field]) end
    end
  end
  prefetch_people(persons)
end

-- An opt-out counts, however long ago the order was accepted.
local function opted_out(person)
  local entry = any_opted_out and stopped[stop_key][person]
  return entry and string.sub(entry, 1, 1) ~= '|'
end

local function refuse(job_id)
  if queue ~= '' and redis.call('EXISTS', 'rq:job:' .. job_id) == 1 then
    redis.call('HSET', 'rq:job:' .. job_id, 'status', 'failed')
    redis.call('ZADD', 'rq:failed:' .. queue, math.floor(now / 1000) + 86400, job_id)
    redis.call('EXPIRE', 'rq:job:' .. job_id, 86400)
  end
  refused[#refused + 1] = job_id
end

local function unusable(job_id, broadcast_id, index, raw)
  quarantine_row(broadcast_id, code, index, raw, 'q', now)
  remove_job(queue, job_id, '')
end

-- The address of a person who was forgotten is empty.
local function drop_forgotten(job_id, broadcast_id, index, row)
  if row.extra == 'quiet_hours' then row.extra = '' end
  move(broadcast_id, code, index, row,
    {code = 'c', attempt = row.attempt, tries = row.tries, at = now, extra = '', token = ''})
  let_more_go(broadcast_id, code, 1)
  finish_if_done(broadcast_id, now)
  return remove_job(queue, job_id, '')
end

local function give_up(job_id, broadcast_id, index, row, reason)
  move(broadcast_id, code, index, row,
    {code = 'f', attempt = row.attempt, tries = row.tries, at = now, extra = reason, token = ''})
  finish_if_done(broadcast_id, now)
  return remove_job(queue, job_id, '')
end

local function claim(job_id)
  remove('ms:window:' .. code, job_id)
  local id, attempt = split_job(job_id)
  local broadcast_id, of, index
  if id then broadcast_id, of, index = split_id(id) end
  if not broadcast_id or of ~= code then return refuse(job_id) end
  local status, list, size, quiet, held, out, again_till = broadcast(broadcast_id)
  if status and not (size and index < size) then return refuse(job_id) end
  local row, raw = read_row(broadcast_id, code, index)
  local due = row and row.code == 'q' and row.attempt == attempt
  local data = redis.call('HGET', 'rq:job:' .. job_id, 'data')
  if data and data ~= string.format(DELIVER, id) then
    -- A job of ours was overwritten: the delivery gets a new one.
    if status and due then requeue(code, id, now) end
    return refuse(job_id)
  end
  if status and not row then return unusable(job_id, broadcast_id, index, raw) end
  local waits = status == 'paused' or (status == 'sending' and (held or not may_send(panic, broadcast_id, code)))
  if waits and due and not out then park(broadcast_id, code, id) end
  if waits or out or status ~= 'sending' or not due then return remove_job(queue, job_id, '') end
  local address = addresses[address_key(list, index)][index % CHUNK]
  if not address then return unusable(job_id, broadcast_id, index, raw) end
  if address == '' then return drop_forgotten(job_id, broadcast_id, index, row) end
  local again = AGAIN_AFTER[row.extra]
  if again and now > (again_till or 0) then return give_up(job_id, broadcast_id, index, row, row.extra) end
  local hours = own_hours(address) or quiet
  local till = hours and quiet_until(hours, now)
  if hours and (till or row.extra == 'quiet_hours') then
    if row.extra == 'quiet_hours' then count_waits(broadcast_id, hours, -1) end
    if till and not again then count_waits(broadcast_id, hours, 1) end
    row.at = till or now
    if not again then row.extra = till and 'quiet_hours' or '' end
    write_row(broadcast_id, code, index, row)
    if till then
      requeue(code, id, till)
      let_more_go(broadcast_id, code, 1)
      return remove_job(queue, job_id, '')
    end
  end
  local person = person_at(address)
  if opted_out(person) then return give_up(job_id, broadcast_id, index, row, 'opted_out') end
  local least = string.match(address, '^[-@]') and group_interval or interval
  if least > 0 then
    local chat = chat_of(person)
    if free_at[chat] > now then
      requeue(code, id, free_at[chat])
      let_more_go(broadcast_id, code, 1)
      return remove_job(queue, job_id, '')
    end
    free_at[chat] = now + least
    add(pace_key, now + least, chat)
  end
  local token = base .. int(#claims)
  move(broadcast_id, code, index, row,
    {code = 'g', attempt = row.attempt + 1, tries = row.tries, at = now + lease, extra = '', token = token})
  add('ms:sending', now + lease, job_id .. '|' .. token)
  if queue ~= '' then
    redis.call('HSET', 'rq:job:' .. job_id, 'status', 'started', 'started_at', ask.iso, 'last_heartbeat', ask.iso,
      'worker_name', ask.worker)
    add('rq:wip:' .. queue, math.floor(now / 1000) + ask.wip_ttl, job_id .. ':' .. token)
  end
  claims[#claims + 1] = {id, row.attempt, row.tries, token, address}
end

if longest > 0 then redis.call('ZREMRANGEBYSCORE', pace_key, '-inf', now) end
local wait = 0
if #ask.jobs > 0 then
  prefetch_batch(ask.jobs)
  for _, job_id in ipairs(ask.jobs) do claim(job_id) end
else
  -- Stale jobs cost no permit, so more may be popped than claimed; the bound keeps one call short.
  local popped = 0
  while #claims < permits and popped < 2 * most do
    local batch = redis.call('LPOP', 'rq:queue:' .. queue, math.min(permits - #claims, 100))
    if not batch then wait = -1 break end
    popped = popped + #batch
    prefetch_batch(batch)
    for _, job_id in ipairs(batch) do claim(job_id) end
  end
end
if #claims == 0 then return {wait, refused, '', 0, now} end
use_rate(code, tat + #claims * gap, gap)
flush()
if longest > 0 then redis.call('PEXPIRE', pace_key, longest) end
local packed = cjson.encode(claims)
redis.call('SET', lane_key(ask.lane), table.concat({int(ask.had + 1), int(now), packed}, '|'), 'PX', int(ask.lane_life))
return {wait, refused, packed, 0, now}
