-- Shared by every script; put in front of it when it is loaded.
-- Row of a delivery: CODE|attempt|tries|at_ms|extra|token   (no row = queued and never tried)
--   attempt: claims so far; tries: how many of them count against RETRY_COUNT
--   q: at = not before, extra = reason     g (sending): at = end of the lease, token set
--   s d r: extra = the messenger's id      f u: extra = reason (u keeps its token: a late "yes" may still come)
local CHUNK = 100
local DELIVER = '["workers.jobs.deliver", null, ["%s"], {}]'

local function now_us()
  local t = redis.call('TIME')
  return t[1] * 1000000 + t[2]
end

local function int(n) return string.format('%.0f', n) end

local function meta_key(bid) return 'ms:b:' .. bid end

local function split_id(id)  -- "A7KQ-t15" -> bid, code, index
  local bid, code, index = string.match(id, '^(%w+)%-(%l)(%d+)$')
  return bid, code, tonumber(index)
end

local function split_job(jid)  -- "d-A7KQ-t15-0" -> "A7KQ-t15", attempt; nil for anything that feed.lua did not make
  local id, attempt = string.match(jid, '^d%-(%w+%-%l%d+)%-(%d+)$')
  return id, tonumber(attempt)
end

local function row_key(bid, code, index) return 'ms:s:' .. bid .. ':' .. code .. ':' .. math.floor(index / CHUNK) end

local function read_row(bid, code, index)  -- nil when the row makes no sense
  local raw = redis.call('HGET', row_key(bid, code, index), index % CHUNK)
  if not raw then return {code = 'q', attempt = 0, tries = 0, at = 0, extra = '', token = ''} end
  local state, attempt, tries, at, extra, token =
    string.match(raw, '^([qgsdrfuc])|(%d+)|(%d+)|(%d+)|([^|]*)|([^|]*)$')
  if not state then return nil, raw end
  return {code = state, attempt = tonumber(attempt), tries = tonumber(tries), at = tonumber(at), extra = extra, token = token}
end

local function write_row(bid, code, index, row)
  redis.call('HSET', row_key(bid, code, index), index % CHUNK,
    table.concat({row.code, int(row.attempt), int(row.tries), int(row.at), row.extra, row.token or ''}, '|'))
end

local OPEN = {q = true, g = true}
local TROUBLE = {f = true, u = true}

-- Moves the counters with the row: n:<messenger>:<state>, why:<messenger>:<reason>, open.
local function count(bid, code, from, to, from_reason, to_reason)
  local meta = meta_key(bid)
  if from ~= to then
    redis.call('HINCRBY', meta, 'n:' .. code .. ':' .. from, -1)
    redis.call('HINCRBY', meta, 'n:' .. code .. ':' .. to, 1)
  end
  if OPEN[from] and not OPEN[to] then redis.call('HINCRBY', meta, 'open', -1) end
  if OPEN[to] and not OPEN[from] then redis.call('HINCRBY', meta, 'open', 1) end
  if TROUBLE[from] then redis.call('HINCRBY', meta, 'why:' .. code .. ':' .. from_reason, -1) end
  if TROUBLE[to] then redis.call('HINCRBY', meta, 'why:' .. code .. ':' .. to_reason, 1) end
end

local function move(bid, code, index, row, to)
  count(bid, code, row.code, to.code, row.extra, to.extra)
  local id = bid .. '-' .. code .. int(index)
  if TROUBLE[to.code] and not TROUBLE[row.code] then redis.call('RPUSH', meta_key(bid) .. ':trouble', id) end
  if TROUBLE[row.code] and not TROUBLE[to.code] then redis.call('LREM', meta_key(bid) .. ':trouble', 1, id) end
  write_row(bid, code, index, to)
end

local function mark_trouble(bid, at)  -- keeps the index of broadcasts with failures true
  if redis.call('LLEN', meta_key(bid) .. ':trouble') > 0 then
    redis.call('ZADD', 'ms:i:failures', at, bid)
  else
    redis.call('ZREM', 'ms:i:failures', bid)
  end
end

local function finish_if_done(bid, now)
  local meta = meta_key(bid)
  local status, open, finished = unpack(redis.call('HMGET', meta, 'status', 'open', 'finished_at'))
  if not status then return end
  if (status == 'sending' or status == 'paused') and tonumber(open) == 0 then
    redis.call('HSET', meta, 'status', 'finished', 'finished_at', int(now))
    redis.call('ZREM', 'ms:i:running', bid)
    redis.call('ZADD', 'ms:i:ended', now, bid)
    mark_trouble(bid, now)
  elseif status == 'finished' or status == 'cancelled' then
    mark_trouble(bid, tonumber(finished))
  end
end

-- A row that makes no sense becomes unknown, so that its broadcast can end; what stood there is kept to be looked at.
-- from: the state in which the delivery must have been. Where the counters say that nobody is in it, nothing moves.
local function set_aside(bid, code, index, raw, from, now)
  local meta = meta_key(bid)
  redis.call('LPUSH', 'ms:corrupt', bid .. '-' .. code .. int(index) .. ' ' .. (raw or ''))
  redis.call('LTRIM', 'ms:corrupt', 0, 99)
  if from == 'q' and redis.call('HGET', meta, 'status') == 'cancelled' then from = 'c' end
  if tonumber(redis.call('HGET', meta, 'n:' .. code .. ':' .. from) or '0') < 1 then return end
  move(bid, code, index, {code = from, extra = ''}, {code = 'u', attempt = 0, tries = 0, at = now, extra = 'unreadable'})
  finish_if_done(bid, now)
end

local function drop_job(queue, jid, execution)
  if queue == '' then return end  -- a stock RQ worker runs this job and clears it away itself
  redis.call('DEL', 'rq:job:' .. jid)
  redis.call('ZREM', 'rq:wip:' .. queue, jid .. ':' .. execution)
end

-- One RQ job as RQ 2.12 itself stores it, with the fields that a stock worker reads.
local function put_job(queue, jid, id, iso)
  redis.call('DEL', 'rq:job:' .. jid)
  redis.call('HSET', 'rq:job:' .. jid, 'data', string.format(DELIVER, id), 'origin', queue, 'status', 'queued',
    'created_at', iso, 'enqueued_at', iso, 'timeout', 30, 'result_ttl', 0, 'failure_ttl', 86400, 'description', id)
  redis.call('RPUSH', 'rq:queue:' .. queue, jid)
end

local function put_back(code, id, at) redis.call('ZADD', 'ms:due:' .. code, int(at), id) end

-- What waits while its broadcast is paused or stopped, and its way back.
local function park(bid, code, id) redis.call('SADD', meta_key(bid) .. ':parked:' .. code, id) end

local function unpark(bid, code, now)
  local parked = meta_key(bid) .. ':parked:' .. code
  for _, id in ipairs(redis.call('SMEMBERS', parked)) do put_back(code, id, now) end
  redis.call('DEL', parked)
end

local PANIC = 'ms:panic'

-- nil, or while everything is stopped what was let go on since (see panic.lua); .some: whether anything was.
local function panic_now()
  if redis.call('EXISTS', PANIC) == 0 then return nil end
  local panic = {}
  for _, field in ipairs(redis.call('HKEYS', PANIC)) do
    panic[field] = true
    if string.sub(field, 2, 2) == ':' then panic.some = true end
  end
  return panic
end

local function may_send(panic, bid, code) return not panic or panic['m:' .. code] or panic['b:' .. bid] end

local function address_of(bid, code, index)  -- '' when it is lost
  local list = redis.call('HGET', meta_key(bid), 'list')
  local packed = redis.call('HGET', 'ms:a:' .. (list or '') .. ':' .. code .. ':' .. math.floor(index / CHUNK), index % CHUNK)
  return string.match(packed or '', '^[^\31]*')
end

local OUT_OF_REACH = {blocked = true, gone = true, unsubscribed = true, opted_out = true}

-- Who is out of reach. ms:out:<m>: by the messenger's word, ms:stop:<m>: by their own; address -> reason|since ms, with
-- an empty reason for those who are back. The latest word counts, in whatever order they come.
local function set_reach(key, address, reason, at)
  if address == '' then return end
  local was, since = string.match(redis.call('HGET', key, address) or '', '^([^|]*)|(%d+)$')
  if since and (tonumber(since) > at or (tonumber(since) == at and was >= reason)) then return end
  redis.call('HSET', key, address, reason .. '|' .. int(at))
end

-- Where receipts are found that do not name our attempt. ms:mid: message id@address -> job id; ms:last: address -> the last
-- few job id@second. Small hashes, which the store keeps packed, one set of them for each week, gone after three.
local WEEK_MS, INDEX_LIFE, BUCKETS, LAST_FEW = 604800000, 1814400, 1024, 6

local function this_week(now) return math.floor(now / WEEK_MS) end

local function bucket_key(stem, code, week, name)
  return stem .. code .. ':' .. int(week) .. ':' .. tonumber(string.sub(redis.sha1hex(name), 1, 6), 16) % BUCKETS
end

local function remember(stem, code, now, name, value)
  local key = bucket_key(stem, code, this_week(now), name)
  redis.call('HSET', key, name, value)
  redis.call('EXPIRE', key, INDEX_LIFE)
end

-- A block of messages made by one request has one id for all of them.
local function mid_name(mid, address) return mid .. '@' .. address end

local function remember_sent(jid, mid, now)
  local bid, code, index = split_id(split_job(jid))
  local address = address_of(bid, code, index)
  remember('ms:mid:', code, now, mid_name(mid, address), jid)
  local list = {jid .. '@' .. int(math.floor(now / 1000))}
  local before = redis.call('HGET', bucket_key('ms:last:', code, this_week(now), address), address)
  for one in string.gmatch(before or '', '%S+') do
    if #list < LAST_FEW then list[#list + 1] = one end
  end
  remember('ms:last:', code, now, address, table.concat(list, ' '))
end
