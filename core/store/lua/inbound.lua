-- What people write to us, and how far each admin has been shown it. ARGV[1] is the verb.
-- ms:inbound: how many messages ever came; ms:inbound:<number>: <broadcast>|<code>|<message as JSON>;
-- ms:inbound:id:<digest of code, address and message id>: it came already; ms:inbound:of:<code>:<address>: how many lately;
-- ms:inbound:by:<code>:<address>: the numbers of what a person wrote;
-- ms:inbound:to:<chat>: done, claimed, card, first, grew_at, drawn as in ShownTo, and the token of the claim;
-- ms:inbound:done: the furthest `done` of all;
-- ms:inbound:in:<chat>:<message of the bot>: the number of the message that it shows.
-- ms:inbound:answered:<number>: id and name of the first admin who answered it; ms:inbound:card:<chat>:<message>: it gathers several.
local KEPT, LATELY = 2592000, 3600
local verbs = {}

local function answered(code, address, answers)
  local now = now_ms()
  for week = this_week(now), this_week(now) - 2, -1 do
    local found
    if answers ~= '' then
      found = redis.call('HGET', answer_key(code, week, answers))
    else
      local last = redis.call('HGET', bucket_key('ms:last:', code, week, address), address)
      found = string.match(last or '', '^d%-(%w+)%-')
    end
    if found then return found end
  end
  return ''
end

-- Store messages: most of one person in an hour, then for each code, address, message id, id of the message that it answers,
-- message. One that came before changes nothing. Returns how many are new.
function verbs.put(most)
  local new = 0
  for place = 3, #ARGV, 5 do
    local code, address, message_id, answers, packed = unpack(ARGV, place, place + 4)
    local once = 'ms:inbound:id:' .. redis.sha1hex(code .. address .. '\31' .. message_id)
    local by = 'ms:inbound:by:' .. code .. ':' .. address
    local lately = 'ms:inbound:of:' .. code .. ':' .. address
    if redis.call('SET', once, 1, 'NX', 'EX', KEPT) then
      local count = redis.call('INCR', lately)
      if count == 1 then redis.call('EXPIRE', lately, LATELY) end
      if count <= tonumber(most) then
        local number = redis.call('INCR', 'ms:inbound')
        local entry = answered(code, address, answers) .. '|' .. code .. '|' .. packed
        redis.call('SET', 'ms:inbound:' .. int(number), entry, 'EX', KEPT)
        redis.call('RPUSH', by, int(number))
        redis.call('EXPIRE', by, KEPT)
        new = new + 1
      end
    end
  end
  if new > 0 then ring('inbound') end
  return new
end

local function key_of(chat) return 'ms:inbound:to:' .. chat end

-- Returns last, done, claimed, card, first, grew_at, drawn, now. An admin who is new is shown what nobody was shown yet.
function verbs.look(chat)
  redis.call('HSETNX', key_of(chat), 'done', redis.call('GET', 'ms:inbound:done') or '0')
  local fields = redis.call('HMGET', key_of(chat), 'done', 'claimed', 'card', 'first', 'grew_at', 'drawn')
  local found = {redis.call('GET', 'ms:inbound') or '0'}
  for i = 1, 6 do found[i + 1] = fields[i] or '0' end
  found[8] = int(now_ms())
  return found
end

-- Claim what comes after `done`, up to a number, before it is sent. token: the same when the call is repeated.
-- Returns 0 when something is claimed or shown already.
function verbs.claim(chat, done, to, token)
  local was, claimed, by = unpack(redis.call('HMGET', key_of(chat), 'done', 'claimed', 'token'))
  if claimed == to and by == token then return 1 end
  if was ~= done or (claimed or '0') ~= '0' then return 0 end
  redis.call('HSET', key_of(chat), 'claimed', to, 'token', token)
  return 1
end

local function done_up_to(chat, to)
  redis.call('HSET', key_of(chat), 'done', to, 'claimed', '0')
  if tonumber(to) > tonumber(redis.call('GET', 'ms:inbound:done') or '0') then redis.call('SET', 'ms:inbound:done', to) end
end

-- The message of this id shows what was claimed: one message, or (first) a card from that number on, to which what comes is
-- added. message_id '': it only says that there is something.
function verbs.shown(chat, to, message_id, first)
  done_up_to(chat, to)
  if first == '' then
    redis.call('HSET', key_of(chat), 'card', '0')
    if message_id ~= '' then redis.call('SET', 'ms:inbound:in:' .. chat .. ':' .. message_id, to, 'EX', KEPT) end
  else
    redis.call('HSET', key_of(chat), 'card', message_id, 'first', first, 'grew_at', int(now_ms()), 'drawn', to)
  end
end

-- Give a claim back: Telegram said that it sent nothing.
function verbs.unclaim(chat) redis.call('HSET', key_of(chat), 'claimed', '0') end

-- What came up to a number belongs on the open card, which is drawn later: drawing it twice harms nothing.
function verbs.grow(chat, card, to)
  if redis.call('HGET', key_of(chat), 'card') ~= card then return 0 end
  done_up_to(chat, to)
  redis.call('HSET', key_of(chat), 'grew_at', int(now_ms()))
  return 1
end

function verbs.drawn(chat, card, to)
  if redis.call('HGET', key_of(chat), 'card') == card then redis.call('HSET', key_of(chat), 'drawn', to) end
end

-- Nothing is added to that card from now on.
function verbs.close(chat, card)
  if redis.call('HGET', key_of(chat), 'card') == card then redis.call('HSET', key_of(chat), 'card', '0') end
end

return verbs[ARGV[1]](unpack(ARGV, 2))
