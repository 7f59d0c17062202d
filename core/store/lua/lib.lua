-- Shared by every script; put in front of it, behind gather.lua, when it is loaded.
-- Row of a delivery: CODE|attempt|tries|at_ms|extra|token   (no row = queued and never tried)
--   attempt: claims so far; tries: how many of them count against RETRY_COUNT
--   q: at = not before, extra = reason     g (sending): at = end of the lease, token set
--   s d r: extra = the messenger's id      f u: extra = reason (u keeps its token: a late "yes" may still come)
local CHUNK = 100

local function now_us()
  local t = redis.call('TIME')
  return t[1] * 1000000 + t[2]
end

local function now_ms() return math.floor(now_us() / 1000) end

local function meta_key(broadcast_id) return 'ms:b:' .. broadcast_id end

local function split_id(id)  -- "A7KQ-t15" -> broadcast id, code, index
  local broadcast_id, code, index = string.match(id, '^(%w+)%-(%l)(%d+)$')
  return broadcast_id, code, tonumber(index)
end

local function split_job(job_id)  -- "d-A7KQ-t15-0" -> "A7KQ-t15", attempt; nil for anything that feed.lua did not make
  local id, attempt = string.match(job_id, '^d%-(%w+%-%l%d+)%-(%d+)$')
  return id, tonumber(attempt)
end

local function row_key(broadcast_id, code, index) return string.format('ms:s:%s:%s:%d', broadcast_id, code, index / CHUNK) end

local function read_row(broadcast_id, code, index)  -- nil when the row makes no sense
  local key, field = row_key(broadcast_id, code, index), index % CHUNK
  if not rows[key] or rows[key][field] == nil then prefetch(rows, {[key] = {field}}) end
  local raw = rows[key][field]
  if not raw then return {code = 'q', attempt = 0, tries = 0, at = 0, extra = '', token = ''} end
  local state, attempt, tries, at, extra, token =
    string.match(raw, '^([qgsdrfuc])|(%d+)|(%d+)|(%d+)|([^|]*)|([^|]*)$')
  if not state then return nil, raw end
  return {code = state, attempt = tonumber(attempt), tries = tonumber(tries), at = tonumber(at), extra = extra, token = token}
end

local function write_row(broadcast_id, code, index, row)
  local key, field = row_key(broadcast_id, code, index), index % CHUNK
  local packed = string.format('%s|%d|%d|%d|%s|%s', row.code, row.attempt, row.tries, row.at, row.extra, row.token or '')
  rows[key] = rows[key] or {}
  rows[key][field] = packed
  append(dirty, key, field, packed)
end

-- Reasons why a person cannot be reached for now -> the least wait before another try (ms), as Reason.earliest_retry has it.
-- A broadcast with again_days tries them again until so many days after its start; such a row waits with its reason.
local AGAIN_AFTER = {capped = 86400000, undeliverable = 86400000, experiment = 604800000}

-- When it ends trying people again (ms); nil where it tries everybody once.
local function again_until(days, started_at)
  return days and tonumber(started_at or '0') + tonumber(days) * 86400000
end

-- When a person who cannot be reached for now is due again; nil where that is never.
local function again_at(broadcast_id, code, reason, now)
  if not AGAIN_AFTER[reason] then return nil end
  local status, out, days, started_at =
    unpack(redis.call('HMGET', meta_key(broadcast_id), 'status', 'out:' .. code, 'again_days', 'started_at'))
  local till, at = again_until(days, started_at), now + AGAIN_AFTER[reason]
  if not till or status == 'cancelled' or out or at > till then return nil end
  return at
end

local OPEN = {q = true, g = true}
local TROUBLE = {f = true, u = true}

-- Moves the counters with the row: n:<messenger>:<state>, why:<messenger>:<reason>, again:<messenger>:<reason>, open.
local function count(broadcast_id, code, from, to, from_reason, to_reason)
  local meta = meta_key(broadcast_id)
  local changes = counters[meta] or {}
  counters[meta] = changes
  local function change(field, by) changes[field] = (changes[field] or 0) + by end
  if from ~= to then
    change('n:' .. code .. ':' .. from, -1)
    change('n:' .. code .. ':' .. to, 1)
  end
  if OPEN[from] and not OPEN[to] then change('open', -1) end
  if OPEN[to] and not OPEN[from] then change('open', 1) end
  if TROUBLE[from] then change('why:' .. code .. ':' .. from_reason, -1) end
  if TROUBLE[to] then change('why:' .. code .. ':' .. to_reason, 1) end
  if from == 'q' and AGAIN_AFTER[from_reason] then change('again:' .. code .. ':' .. from_reason, -1) end
  if to == 'q' and AGAIN_AFTER[to_reason] then change('again:' .. code .. ':' .. to_reason, 1) end
end

-- Count what the messenger charges a message as, once for each: bill:<code>:<as core/domain/messengers/billing.py packs it>.
local function charge(broadcast_id, code, bill)
  if not bill or bill == '' then return end
  local meta = meta_key(broadcast_id)
  local changes = counters[meta] or {}
  counters[meta] = changes
  local field = 'bill:' .. code .. ':' .. bill
  changes[field] = (changes[field] or 0) + 1
end

-- A few go ahead of the rest where all may be refused: first:<code> says how many may have been fed. Each that came to no
-- success lets one more go, or two where that was about the person alone, the first success all. Where receipts tell of refusals, the first yes is no success yet: a
-- receipt is, or that none came for first_waits:<code> ms since the yes (first_at:<code>).
local ABOUT_ALL = {content = true, file = true, template = true, unlisted = true, configuration = true, restricted = true,
  country = true}

local function let_more_go(broadcast_id, code, count)
  local meta = meta_key(broadcast_id)
  if redis.call('HEXISTS', meta, 'first:' .. code) == 1 then redis.call('HINCRBY', meta, 'first:' .. code, count) end
end

local function let_all_go(broadcast_id, code)
  local meta = meta_key(broadcast_id)
  if redis.call('HDEL', meta, 'first:' .. code) == 0 then return end
  redis.call('HDEL', meta, 'first_at:' .. code, 'first_waits:' .. code)
  ring('feed:' .. code)
end

local function first_was_taken(broadcast_id, code, now)
  local meta = meta_key(broadcast_id)
  if redis.call('HEXISTS', meta, 'first_waits:' .. code) == 0 then return let_all_go(broadcast_id, code) end
  redis.call('HSETNX', meta, 'first_at:' .. code, int(now))
end

-- Those that failed or became unknown: meta:troubled, numbered in the order they came. Older versions kept a list,
-- meta:trouble, which is read as long as its broadcast is kept.
local function add_trouble(broadcast_id, id)
  local meta = meta_key(broadcast_id)
  redis.call('ZADD', meta .. ':troubled', redis.call('HINCRBY', meta, 'troubles', 1), id)
end

local function remove_trouble(broadcast_id, id)
  local meta = meta_key(broadcast_id)
  if redis.call('ZREM', meta .. ':troubled', id) == 0 then redis.call('LREM', meta .. ':trouble', 1, id) end
end

local NO_SUCCESS = {f = true, u = true, q = true}

local function move(broadcast_id, code, index, row, to)
  count(broadcast_id, code, row.code, to.code, row.extra, to.extra)
  local id = broadcast_id .. '-' .. code .. int(index)
  if TROUBLE[to.code] and not TROUBLE[row.code] then add_trouble(broadcast_id, id) end
  if TROUBLE[row.code] and not TROUBLE[to.code] then remove_trouble(broadcast_id, id) end
  write_row(broadcast_id, code, index, to)
  if NO_SUCCESS[to.code] then let_more_go(broadcast_id, code, to.code == 'f' and not ABOUT_ALL[to.extra] and 2 or 1) end
end

local function leave_unapproved(broadcast_id)
  if redis.call('ZREM', 'ms:i:unapproved', broadcast_id) == 1 then ring('approvals') end
end

-- Something that the bot tells the team: see core/store/chat/overdue.py.
local function add_notice(name, now)
  redis.call('ZADD', 'ms:late', now, name)
  ring('notices')
end

local function mark_trouble(broadcast_id, at)  -- keeps the index of broadcasts with failures true
  if redis.call('EXISTS', meta_key(broadcast_id) .. ':troubled', meta_key(broadcast_id) .. ':trouble') > 0 then
    redis.call('ZADD', 'ms:i:failures', at, broadcast_id)
  else
    redis.call('ZREM', 'ms:i:failures', broadcast_id)
  end
end

-- Answers to people are among the ended too, and have an index of their own beside it.
local function place_ended(broadcast_id, now)
  redis.call('ZADD', 'ms:i:ended', now, broadcast_id)
  if redis.call('HEXISTS', meta_key(broadcast_id), 'answer') == 1 then redis.call('ZADD', 'ms:i:answers', now, broadcast_id) end
end

local function finish_if_done(broadcast_id, now)
  flush()
  local meta = meta_key(broadcast_id)
  local status, open, finished = unpack(redis.call('HMGET', meta, 'status', 'open', 'finished_at'))
  if not status then return end
  if (status == 'sending' or status == 'paused') and tonumber(open) == 0 then
    redis.call('HSET', meta, 'status', 'finished', 'finished_at', int(now))
    redis.call('ZREM', 'ms:i:running', broadcast_id)
    place_ended(broadcast_id, now)
    mark_trouble(broadcast_id, now)
  elseif status == 'finished' or status == 'cancelled' then
    mark_trouble(broadcast_id, tonumber(finished))
  end
end

local function reopen(broadcast_id, now)  -- what had finished is sending again, as some of its deliveries are queued again
  local meta = meta_key(broadcast_id)
  redis.call('HSET', meta, 'status', 'sending')
  redis.call('HDEL', meta, 'finished_at')
  redis.call('ZREM', 'ms:i:ended', broadcast_id)
  redis.call('ZREM', 'ms:i:answers', broadcast_id)
  redis.call('ZREM', 'ms:i:failures', broadcast_id)
  redis.call('ZADD', 'ms:i:running', now, broadcast_id)
end

-- An unreadable row becomes unknown, so that its broadcast can end; ms:corrupt keeps its text. from: the state in which the
-- delivery must have been. If the counters have none in that state, nothing moves.
local function quarantine_row(broadcast_id, code, index, raw, from, now)
  flush()
  local meta = meta_key(broadcast_id)
  redis.call('LPUSH', 'ms:corrupt', broadcast_id .. '-' .. code .. int(index) .. ' ' .. (raw or ''))
  redis.call('LTRIM', 'ms:corrupt', 0, 99)
  redis.call('EXPIRE', 'ms:corrupt', 604800)
  local status, out = unpack(redis.call('HMGET', meta, 'status', 'out:' .. code))
  if from == 'q' and (status == 'cancelled' or out) then from = 'c' end
  if tonumber(redis.call('HGET', meta, 'n:' .. code .. ':' .. from) or '0') < 1 then return end
  move(broadcast_id, code, index, {code = from, extra = ''}, {code = 'u', attempt = 0, tries = 0, at = now, extra = 'unreadable'})
  finish_if_done(broadcast_id, now)
end

-- Queued deliveries become cancelled by a field of the broadcast alone, so the cost does not grow with the audience.
local function count_as_cancelled(meta, code)
  local queued = tonumber(redis.call('HGET', meta, 'n:' .. code .. ':q') or '0')
  redis.call('HINCRBY', meta, 'n:' .. code .. ':q', -queued)
  redis.call('HINCRBY', meta, 'n:' .. code .. ':c', queued)
  redis.call('HINCRBY', meta, 'open', -queued)
  redis.call('UNLINK', meta .. ':parked:' .. code)
end

local function cancel_queued(broadcast_id, codes, now)
  local meta = meta_key(broadcast_id)
  redis.call('HSET', meta, 'status', 'cancelled', 'finished_at', int(now))
  for code in string.gmatch(codes, '%l') do count_as_cancelled(meta, code) end
  leave_unapproved(broadcast_id)
  redis.call('ZREM', 'ms:i:scheduled', broadcast_id)
  redis.call('ZREM', 'ms:i:running', broadcast_id)
  place_ended(broadcast_id, now)
  redis.call('ZADD', 'ms:i:cancelled', now, broadcast_id)
  mark_trouble(broadcast_id, now)
end

-- The place among the scheduled broadcasts. Late ones that wait for an answer have scores below 0, in the order of their
-- times: first on the list, and not due.
local function place_scheduled(broadcast_id, send_at, late_since)
  redis.call('ZADD', 'ms:i:scheduled', late_since and tonumber(send_at) - 1e13 or send_at, broadcast_id)
  ring('start')
end

-- The same for a new or changed one; those that wait for approval have an index of their own, by the end of the question.
local function place_accepted(broadcast_id, send_at)
  local status, asked_until = unpack(redis.call('HMGET', meta_key(broadcast_id), 'status', 'asked_until'))
  leave_unapproved(broadcast_id)
  redis.call('ZREM', 'ms:i:scheduled', broadcast_id)
  if status == 'unapproved' then
    redis.call('ZADD', 'ms:i:unapproved', asked_until, broadcast_id)
    ring('approvals')
  else
    place_scheduled(broadcast_id, send_at)
  end
end

-- Moves a series to its next occurrence. next_at: ms, '' = none. next_id: the id reserved for the broadcast that it becomes.
local SERIES_LIFE, ID_LIFE = 2592000, 1814400

local function move_series_on(id, next_at, next_id)
  local series = 'ms:ser:' .. id
  local before = redis.call('HGET', series, 'next_id')
  if before and before ~= next_id then redis.call('EXPIRE', 'ms:id:' .. before, ID_LIFE) end
  redis.call('HINCRBY', series, 'revision', 1)
  redis.call('HSET', series, 'next_at', next_at, 'next_id', next_id)
  if next_at == '' and redis.call('HGET', series, 'status') == 'active' then
    redis.call('HSET', series, 'status', 'ended')
  end
  local status = redis.call('HGET', series, 'status')
  redis.call('ZREM', 'ms:i:series', id)
  redis.call('ZREM', 'ms:i:series:due', id)
  if status == 'active' or status == 'paused' then
    redis.call('ZADD', 'ms:i:series', next_at == '' and 0 or next_at, id)
    redis.call('PERSIST', series)
    redis.call('PERSIST', 'ms:id:' .. id)
    redis.call('PERSIST', 'ms:id:' .. next_id)
    if status == 'active' then
      redis.call('ZADD', 'ms:i:series:due', next_at, id)
      ring('start')
    end
  else
    redis.call('EXPIRE', series, SERIES_LIFE)
    redis.call('EXPIRE', series .. ':made', SERIES_LIFE)
    redis.call('SET', 'ms:id:' .. id, '', 'EX', SERIES_LIFE + ID_LIFE)
    redis.call('EXPIRE', 'ms:id:' .. next_id, ID_LIFE)
  end
end

local function remove_job(queue, job_id, execution)
  if queue == '' then return end  -- a stock RQ worker runs this job and clears it away
  removed_jobs[#removed_jobs + 1] = 'rq:job:' .. job_id
  if execution ~= '' then remove('rq:wip:' .. queue, job_id .. ':' .. execution) end
end

local function add_job(queue, job_id, id, iso) jobs[#jobs + 1] = {queue = queue, job_id = job_id, id = id, iso = iso} end

-- Quiet hours. ms:quiet: hours -> their next spans, "start-end,..." in ms, kept by the workers, as scripts know no time
-- zones. A recipient's own hours are the fourth part of the packed address; else those of the broadcast count.
local spans = {}

-- The end of the span that `now` is in, or nil. Past the known spans: in a minute.
local function quiet_until(hours, now)
  if string.sub(hours, 1, 5) == string.sub(hours, 7, 11) then return nil end  -- never
  if not spans[hours] then
    spans[hours] = {}
    for from, till in string.gmatch(redis.call('HGET', 'ms:quiet', hours) or '', '(%d+)-(%d+)') do
      append(spans, hours, {tonumber(from), tonumber(till)})
    end
  end
  for _, span in ipairs(spans[hours]) do
    if now < span[2] then return now >= span[1] and span[2] or nil end
  end
  return now + 60000
end

local function own_hours(packed) return string.match(packed, '^[^\31]*\31[^\31]*\31[^\31]*\31([^\31]+)$') end

local function count_waits(broadcast_id, hours, by)  -- how many wait for the end of which hours
  local changes = counters[meta_key(broadcast_id)] or {}
  counters[meta_key(broadcast_id)] = changes
  changes['waits:' .. hours] = (changes['waits:' .. hours] or 0) + by
end

local function requeue(code, id, at)
  add('ms:due:' .. code, at, id)
  ring('feed:' .. code)
end

local function activate(broadcast_id, code)  -- from now on it is fed, in turn with the others
  redis.call('RPUSH', 'ms:active:' .. code, broadcast_id)
  ring('feed:' .. code)
end

-- Deliveries that wait while their broadcast is paused or stopped.
local function park(broadcast_id, code, id) redis.call('SADD', meta_key(broadcast_id) .. ':parked:' .. code, id) end

-- feed.lua takes them back, some at a time: ms:unparking:<m> has their broadcasts.
local function unpark(broadcast_id, code)
  redis.call('SADD', 'ms:unparking:' .. code, broadcast_id)
  ring('feed:' .. code)
end

local PANIC = 'ms:panic'

-- nil, or during a panic the parts released since (see panic.lua); .some: true if there are any.
local function panic_now()
  if redis.call('EXISTS', PANIC) == 0 then return nil end
  local panic = {}
  for _, field in ipairs(redis.call('HKEYS', PANIC)) do
    panic[field] = true
    if string.sub(field, 2, 2) == ':' then panic.some = true end
  end
  return panic
end

-- s of the latest sign of life of any program; nil when there was none yet.
local function last_sign() return tonumber(redis.call('ZREVRANGE', 'ms:alive', 0, 0, 'WITHSCORES')[2]) end

-- ms:lost: when the store was last found to have lost its latest writes (ms). written_at: ms of a write that it does not have.
-- Each loss is found by several, and asked about once.
local LOST = 'ms:lost'

local function is_new_loss(written_at) return written_at > tonumber(redis.call('GET', LOST) or '0') end

-- ms:claims:<lane>: number of the last batch of claims | when it was given (ms) | its claims. It outlasts any outage but a
-- long one.
local function lane_key(lane) return 'ms:claims:' .. lane end

local function last_batch(lane) return string.match(redis.call('GET', lane_key(lane)) or '', '^(%d+)|(%d+)|(.*)$') end

-- Stops everything until an admin has decided, unless everything is stopped already. since: s of the last sign of life before;
-- lost: true if the store has lost what came after it.
local function ask_first(now, since, lost)
  if lost then redis.call('SET', LOST, int(now)) end
  local panic = panic_now()
  if panic and not panic.some then return end
  redis.call('UNLINK', PANIC)
  redis.call('HSET', PANIC, 'at', int(now), 'by', 'program', 'name', '', 'since', int(since * 1000), 'lost', lost and '1' or '')
  add_notice('stop:' .. int(now), now)
end

-- An attempt that the store has forgotten, as an older copy was put back: what is known of it counts all the same, and the
-- recipient is not tried again. Returns true for such a one; the row is then as after its claim.
local STARTED = {sending = true, paused = true, finished = true, cancelled = true}

local function recall_attempt(broadcast_id, code, row, attempt, token)
  if row.code ~= 'q' or row.attempt > attempt then return false end
  local status, out = unpack(redis.call('HMGET', meta_key(broadcast_id), 'status', 'out:' .. code))
  if not STARTED[status] then return false end
  if status == 'cancelled' or out then row.code = 'c' end
  row.attempt, row.token = attempt + 1, token
  return true
end

local function may_send(panic, broadcast_id, code) return not panic or panic['m:' .. code] or panic['b:' .. broadcast_id] end

local function address_of(broadcast_id, code, index)  -- '' when it is lost
  local list = redis.call('HGET', meta_key(broadcast_id), 'list')
  local packed = redis.call('HGET', 'ms:a:' .. (list or '') .. ':' .. code .. ':' .. math.floor(index / CHUNK), index % CHUNK)
  return string.match(packed or '', '^[^\31]*')
end

local OUT_OF_REACH = {blocked = true, gone = true, unsubscribed = true, opted_out = true}

-- Addresses out of reach. ms:out:<m>: the messenger said so, ms:stop:<m>: they opted out; address -> reason|since ms, with
-- an empty reason for those who are back. The latest report counts, in whatever order they come.
local function set_reach(key, address, reason, at)
  if address == '' then return end
  local was, since = string.match(redis.call('HGET', key, address) or '', '^([^|]*)|(%d+)$')
  if since and (tonumber(since) > at or (tonumber(since) == at and was >= reason)) then return end
  redis.call('HSET', key, address, reason .. '|' .. int(at))
end

-- Who opted out and was forgotten is known by a keyed hash alone (ms:forgotten:<m>). nil: nobody was forgotten yet.
local function forgotten_digest(address)
  local secret = redis.call('GET', 'ms:forgotten')
  return secret and redis.sha1hex(secret .. address)
end

-- Index for receipts that do not name our attempt. ms:mid: message id@address -> job id; ms:last: address -> the last few
-- job id@second. Small hashes, which the store keeps packed, one set per week, gone after three weeks.
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

-- All messages of one block request share an id.
local function message_field(message_id, address) return message_id .. '@' .. address end

local function remember_sent(job_id, message_id, now)
  local broadcast_id, code, index = split_id(split_job(job_id))
  local address = address_of(broadcast_id, code, index)
  remember('ms:mid:', code, now, message_field(message_id, address), job_id)
  local list = {job_id .. '@' .. int(math.floor(now / 1000))}
  local before = redis.call('HGET', bucket_key('ms:last:', code, this_week(now), address), address)
  for one in string.gmatch(before or '', '%S+') do
    if #list < LAST_FEW then list[#list + 1] = one end
  end
  remember('ms:last:', code, now, address, table.concat(list, ' '))
end

-- Which broadcast a message belongs to, where answers name it by its id alone. ms:ans: part of a digest -> broadcast; small
-- hashes as above. Returns the hash and the field.
local function answer_key(code, week, message_id)
  local digest = redis.sha1hex(message_id)
  return 'ms:ans:' .. code .. ':' .. int(week) .. ':' .. string.sub(digest, 1, 3), string.sub(digest, 4, 13)
end

local function remember_answerable(job_id, message_id, now)
  local broadcast_id, code = split_id(split_job(job_id))
  local key, field = answer_key(code, this_week(now), message_id)
  redis.call('HSET', key, field, broadcast_id)
  redis.call('EXPIRE', key, INDEX_LIFE)
end
