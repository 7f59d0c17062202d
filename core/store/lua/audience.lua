-- Audiences: lists of recipients. ARGV[1] is the verb, ARGV[2] the list id. ms:aud:<id>: name, fold (the name as compared),
-- buckets, n:<code> (how many), further (how many of these are not a person's first), v:<variable>;
-- ms:aud:<id>:<code>:<bucket>: address -> the rest of its entry. kept: 1 once its buckets are kept for good, slice by slice;
-- ms:aud:keeping: id|buckets of lists of which some buckets may be kept while the list itself is not.
local id = ARGV[2]
local meta = 'ms:aud:' .. id
local verbs = {}

local function bucket_key(code, bucket) return meta .. ':' .. code .. ':' .. bucket end

local function keeping() return id .. '|' .. redis.call('HGET', meta, 'buckets') end

-- True for an entry that is a further address of a person who is on the list already: see own_person() in Python.
local function is_further(code, address, rest)
  local person = string.match(rest or '', '^\31[^\31]*\31[^\31]*\31[^\31]*\31([^\31]+)$')
  return person ~= nil and person ~= code .. address
end

-- Put recipients on it: how many variables, their names, then for each recipient code, bucket, address, rest. An empty rest
-- changes nothing. Returns how many are new; -1 when the list is gone.
function verbs.put()
  if redis.call('EXISTS', meta) == 0 then return -1 end
  local count, new, further, entries, counts = tonumber(ARGV[3]), 0, 0, {}, {}
  local life = redis.call('HEXISTS', meta, 'kept') == 0 and redis.call('PTTL', meta) or 0
  for place = 4, 3 + count do redis.call('HSET', meta, 'v:' .. ARGV[place], 1) end
  for place = 4 + count, #ARGV, 4 do
    local code, bucket, address, rest = unpack(ARGV, place, place + 3)
    append(entries, code .. bucket, {code, address, rest})
  end
  for of, some in pairs(entries) do
    local code, key = some[1][1], bucket_key(string.sub(of, 1, 1), string.sub(of, 2))
    local asked, known, written, more = {}, {}, {}, 0
    for i, entry in ipairs(some) do asked[i] = entry[2] end
    for i, rest in ipairs(redis.call('HMGET', key, unpack(asked))) do known[asked[i]] = rest end
    for _, entry in ipairs(some) do
      local address, rest = entry[2], entry[3]
      local before = known[address]
      if not before or rest ~= '' then
        if not before then more = more + 1 end
        if before and is_further(code, address, before) then further = further - 1 end
        if is_further(code, address, rest) then further = further + 1 end
        written[#written + 1], written[#written + 2] = address, rest
        known[address] = rest
      end
    end
    if #written > 0 then redis.call('HSET', key, unpack(written)) end
    if more > 0 and life > 0 then redis.call('PEXPIRE', key, life) end
    counts[code], new = (counts[code] or 0) + more, new + more
  end
  for code, more in pairs(counts) do
    if more > 0 then redis.call('HINCRBY', meta, 'n:' .. code, more) end
  end
  if further ~= 0 then redis.call('HINCRBY', meta, 'further', further) end
  return new
end

-- Take recipients off it: for each code, bucket, address. Returns how many were on it.
function verbs.take()
  local gone = 0
  for place = 3, #ARGV, 3 do
    local code, bucket, address = unpack(ARGV, place, place + 2)
    local key = bucket_key(code, bucket)
    local rest = redis.call('HGET', key, address)
    if rest then
      redis.call('HDEL', key, address)
      gone = gone + 1
      redis.call('HINCRBY', meta, 'n:' .. code, -1)
      if is_further(code, address, rest) then redis.call('HINCRBY', meta, 'further', -1) end
    end
  end
  return gone
end

-- Remember one of those who put people on it: by:<id> -> name.
function verbs.author()
  if redis.call('EXISTS', meta) == 1 then redis.call('HSET', meta, 'by:' .. ARGV[3], ARGV[4]) end
  return 1
end

-- How long some of its buckets are kept: `life` s from now, 0 = for good. Arguments: life, first bucket, last bucket, letters of
-- the messengers. Called for all of them before the list itself is kept for good, and after it no longer is.
function verbs.keep_buckets()
  local life = tonumber(ARGV[3])
  if redis.call('EXISTS', meta) == 0 then return 0 end
  redis.call('SADD', 'ms:aud:keeping', keeping())
  if life == 0 then redis.call('HSET', meta, 'kept', 1) end
  for code in string.gmatch(ARGV[6], '%l') do
    if redis.call('HEXISTS', meta, 'n:' .. code) == 1 then
      for bucket = tonumber(ARGV[4]), tonumber(ARGV[5]) do
        if life == 0 then redis.call('PERSIST', bucket_key(code, bucket)) else redis.call('EXPIRE', bucket_key(code, bucket), life) end
      end
    end
  end
  return 1
end

-- Keep one without a name for good (life 0), or for `life` s from now. Returns 1, or 0 when the list is gone.
function verbs.keep()
  local life = tonumber(ARGV[3])
  if redis.call('EXISTS', meta) == 0 then return 0 end
  if life == 0 then
    redis.call('PERSIST', meta)
    redis.call('SREM', 'ms:aud:keeping', keeping())
  else
    redis.call('SADD', 'ms:aud:keeping', keeping())
    redis.call('HDEL', meta, 'kept')
    redis.call('EXPIRE', meta, life)
  end
  return 1
end

-- Name or rename it; from then on it is kept. Arguments: name, name folded.
-- Returns 'named', 'taken' (another list has that name) or 'gone'.
function verbs.name()
  local name, fold = ARGV[3], ARGV[4]
  if redis.call('EXISTS', meta) == 0 then return 'gone' end
  local holder = redis.call('HGET', 'ms:aud:names', fold)
  if holder and holder ~= id then return 'taken' end
  local before = redis.call('HGET', meta, 'fold')
  if before then redis.call('HDEL', 'ms:aud:names', before) end
  redis.call('HSET', 'ms:aud:names', fold, id)
  redis.call('HSET', meta, 'name', name, 'fold', fold)
  redis.call('PERSIST', meta)
  redis.call('SREM', 'ms:aud:keeping', keeping())
  return 'named'
end

-- Delete it if it still has so many people; its buckets are cleared away later. Returns 'dropped', 'changed' or 'gone'.
function verbs.drop()
  if redis.call('EXISTS', meta) == 0 then return 'gone' end
  local total, fields = 0, redis.call('HGETALL', meta)
  for place = 1, #fields, 2 do
    if string.sub(fields[place], 1, 2) == 'n:' then total = total + tonumber(fields[place + 1]) end
    if fields[place] == 'further' then total = total - tonumber(fields[place + 1]) end
  end
  if total ~= tonumber(ARGV[3]) then return 'changed' end
  local fold = redis.call('HGET', meta, 'fold')
  if fold then redis.call('HDEL', 'ms:aud:names', fold) end
  local link = redis.call('HGET', meta, 'link')
  if link then redis.call('HDEL', 'ms:aud:links', link) end
  redis.call('RPUSH', 'ms:aud:trash', id .. '|' .. redis.call('HGET', meta, 'buckets'))
  redis.call('UNLINK', meta)
  return 'dropped'
end

return verbs[ARGV[1]]()
