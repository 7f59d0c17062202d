-- Pause, resume, cancel, reschedule, hold, undo, approve, refuse: one compare-and-set of the status.
-- ARGV: broadcast id, verb, send_at ms (reschedule and hold; with approve how long it is held), actor's id and name.
-- With reschedule and hold an actor means that the change needs approval; with approve and refuse ARGV[6] is the number of
-- the question. Returns {1 or 0, new status}, with 'same' if nothing had to be changed, and 'own', 'author', 'late' or 'old' if
-- approve and refuse may not decide.
local broadcast_id, verb = ARGV[1], ARGV[2]
local meta = meta_key(broadcast_id)
local status, codes = unpack(redis.call('HMGET', meta, 'status', 'codes'))
if not status then return {0, ''} end
local now = now_ms()

local function leave_lines()
  for code in string.gmatch(codes, '%l') do redis.call('LREM', 'ms:active:' .. code, 0, broadcast_id) end
end

local DAY_MS = 86400000

-- Ask for the approval of another admin, within a day and before its time.
local function ask(send_at)
  local until_ms = math.min(now + DAY_MS, tonumber(send_at) or now + DAY_MS)
  redis.call('HINCRBY', meta, 'asks', 1)
  redis.call('HSET', meta, 'status', 'unapproved', 'asked_by', ARGV[4], 'asked_name', ARGV[5], 'asked_at', int(now),
    'asked_until', int(until_ms))
  place_accepted(broadcast_id)
  return {1, 'unapproved'}
end

local function plan(send_at)
  redis.call('HSET', meta, 'status', 'scheduled', 'send_at', send_at)
  place_accepted(broadcast_id, send_at)
  return {1, 'scheduled'}
end

local verbs = {}

function verbs.pause()
  if status ~= 'sending' then return {0, status} end
  redis.call('HSET', meta, 'status', 'paused')
  leave_lines()
  return {1, 'paused'}
end

function verbs.resume()
  if status ~= 'paused' then return {0, status} end
  redis.call('HSET', meta, 'status', 'sending')
  for code in string.gmatch(codes, '%l') do
    activate(broadcast_id, code)
    unpark(broadcast_id, code)
  end
  finish_if_done(broadcast_id, now)
  return {1, 'sending'}
end

function verbs.cancel()
  if status == 'finished' or status == 'cancelled' then return {0, status} end
  leave_lines()
  cancel_queued(broadcast_id, codes, now)
  return {1, 'cancelled'}
end

function verbs.reschedule()
  if status ~= 'scheduled' and status ~= 'unapproved' then return {0, status} end
  local planned, held, send_at, late_since = unpack(redis.call('HMGET', meta, 'planned', 'held', 'send_at', 'late_since'))
  if planned == '1' and held ~= '1' and send_at == ARGV[3] and not late_since then return {1, status, 'same'} end
  redis.call('HSET', meta, 'send_at', ARGV[3], 'planned', '1')
  redis.call('HDEL', meta, 'held', 'back_to', 'late_since', 'stopped')
  if ARGV[4] ~= '' then return ask(ARGV[3]) end
  return plan(ARGV[3])
end

-- Send at once, after a moment in which it can be undone; back_to is the time that it had before.
function verbs.hold()
  if status ~= 'scheduled' or redis.call('HGET', meta, 'held') == '1' then return {0, status} end
  if ARGV[4] ~= '' then
    redis.call('HSET', meta, 'send_at', ARGV[3], 'planned', '0')
    redis.call('HDEL', meta, 'held', 'back_to', 'late_since', 'stopped')
    return ask()
  end
  redis.call('HSET', meta, 'back_to', redis.call('HGET', meta, 'send_at'), 'held', '1', 'send_at', ARGV[3])
  place_scheduled(broadcast_id, ARGV[3])
  return {1, 'scheduled'}
end

function verbs.undo()
  local held, back_to, late_since = unpack(redis.call('HMGET', meta, 'held', 'back_to', 'late_since'))
  if status ~= 'scheduled' or held ~= '1' then return {0, status} end
  if not back_to or (tonumber(back_to) <= now and not late_since) then return verbs.cancel() end
  redis.call('HSET', meta, 'send_at', back_to)
  redis.call('HDEL', meta, 'held', 'back_to')
  place_scheduled(broadcast_id, back_to, late_since)
  return {1, 'scheduled'}
end

local function may_not_decide()
  local asks, asked_by, asked_until, created_by, words_by, list_by, co_authors =
    unpack(redis.call('HMGET', meta, 'asks', 'asked_by', 'asked_until', 'created_by', 'words_by', 'list_by', 'co_authors'))
  if asks ~= ARGV[6] then return 'old' end
  if asked_by == ARGV[4] then return 'own' end
  if (words_by or created_by) == ARGV[4] or (list_by or created_by) == ARGV[4] then return 'author' end
  for _, one in ipairs(cjson.decode(co_authors or '[]')) do
    if one[1] == ARGV[4] then return 'author' end
  end
  if tonumber(asked_until) <= now then return 'late' end
end

-- In the same step, so that an admin who comes a moment later reads who decided.
local function decided(how) redis.call('HSET', meta, 'did:' .. how, int(now) .. '|' .. ARGV[5]) end

-- An order for now is held a moment, so that it can be undone.
function verbs.approve()
  if status ~= 'unapproved' then return {0, status} end
  local why = may_not_decide()
  if why then return {0, status, why} end
  decided('approved')
  local planned, send_at = unpack(redis.call('HMGET', meta, 'planned', 'send_at'))
  if planned == '1' then return plan(int(math.max(tonumber(send_at), now))) end
  redis.call('HSET', meta, 'held', tonumber(ARGV[3]) > 0 and '1' or '0')
  return plan(int(now + tonumber(ARGV[3])))
end

function verbs.refuse()
  if status ~= 'unapproved' then return {0, status} end
  local why = may_not_decide()
  if why then return {0, status, why} end
  decided('refused')
  return verbs.cancel()
end

-- The questions that the team was asked about a late broadcast show what was decided.
if redis.call('HEXISTS', meta, 'late_since') == 1 then ring('notices') end
return verbs[verb]()
