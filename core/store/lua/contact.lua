-- Known people, numbered from 1. ARGV[1] is the verb. ms:person:<n / 64>: n % 64 -> name \31 addresses \31 values, each address
-- behind its messenger's letter and \30 between two; ms:person:at:<code>:<bucket>: key -> n, the key being what all forms of an
-- address have in common; ms:person:names:<n / 1000>: lines of n \31 blank, name folded; ms:person:count: the last n; ms:person:linked: how many have two addresses or more;
-- ms:person:index, ms:person:indexed: see name_index.py.
local PER_KEY, PER_TEXT, ADDRESS_BUCKETS = 64, 1000, 16384

local function place(n) return 'ms:person:' .. int(math.floor(n / PER_KEY)), int(n % PER_KEY) end

local function names_key(n) return 'ms:person:names:' .. int(math.floor(n / PER_TEXT)) end

-- The hash and the field of an address. Numbers are stored without their plus, which the store keeps in few bytes.
local function at(code, address)
  local digits = string.match(address, '^%+(%d+)$')
  local key = digits and string.gsub(digits, '^549(%d%d%d%d%d%d%d%d%d%d)$', '54%1') or address
  local bucket = tonumber(string.sub(redis.sha1hex(key), 1, 6), 16) % ADDRESS_BUCKETS
  return 'ms:person:at:' .. code .. ':' .. int(bucket), key
end

-- The place of an address, found once.
local function place_of(one)
  if not one.key then one.key, one.field = at(one.code, one.address) end
  return one.key, one.field
end

local function holder(one)
  local key, field = place_of(one)
  return tonumber(redis.call('HGET', key, field) or '')
end

local function hold(n, one)
  local key, field = place_of(one)
  redis.call('HSET', key, field, int(n))
end

local function read(n)
  local packed = redis.call('HGET', place(n))
  local name, listed, values = string.match(packed or '', '^([^\31]*)\31([^\31]*)\31(.*)$')
  local addresses, count = {}, 0
  for code, address in string.gmatch(listed or '', '(%l)([^\30]+)') do
    addresses[code], count = address, count + 1
  end
  return {name = name or '', addresses = addresses, values = values or '', count = count}
end

local function write(n, person)
  local listed = {}
  for code, address in pairs(person.addresses) do listed[#listed + 1] = code .. address end
  table.sort(listed)
  local before = person.count
  if (before > 1) ~= (#listed > 1) then redis.call('INCRBY', 'ms:person:linked', before > 1 and -1 or 1) end
  person.count = #listed
  local key, field = place(n)
  redis.call('HSET', key, field, person.name .. '\31' .. table.concat(listed, '\30') .. '\31' .. person.values)
end

-- Texts of names that this call changes: key -> text. They are long, so a call may make a few changes only.
local texts, changes, MOST_CHANGES = {}, 0, 15

local function text_at(key) return texts[key] or redis.call('GET', key) or '' end

local function write_texts()
  for key, text in pairs(texts) do redis.call('SET', key, text) end
end

-- The line of a person: where the line break before it is, and its own. A pattern would take ten times as long.
local function line_of(text, n)
  local from = string.find(text, '\n' .. int(n) .. '\31', 1, true)
  if from then return from, string.find(text, '\n', from + 1, true) end
end

local function fold_of(n)
  local text = text_at(names_key(n))
  local from, to = line_of(text, n)
  return from and string.match(string.sub(text, from, to), '\31 ([^\n]*)\n') or ''
end

-- Put the name in the place of the one before; '' takes it out.
local function index_name(n, before, fold)
  local key, line = names_key(n), fold == '' and '' or int(n) .. '\31 ' .. fold .. '\n'
  local text = before and text_at(key) or ''
  local from, to = line_of(text, n)
  if from then
    texts[key], changes = string.sub(text, 1, from) .. string.sub(text, to + 1) .. line, changes + 1
    local number = int(math.floor(n / PER_TEXT))
    local indexed = tonumber(redis.call('HGET', 'ms:person:indexed', number) or '0')
    -- A bitmap that says too much does no harm, so the rest of the text stays indexed.
    if to <= indexed then redis.call('HSET', 'ms:person:indexed', number, int(indexed - (to - from))) end
  elseif texts[key] then
    texts[key] = texts[key] .. line
  elseif line ~= '' then
    redis.call('APPEND', key, redis.call('EXISTS', key) == 0 and '\n' .. line or line)
  end
end

local function forget(n, person)
  index_name(n, true, '')
  if person.count > 1 then redis.call('DECR', 'ms:person:linked') end
  redis.call('HDEL', place(n))
end

-- The other person is this one too, unless they are on one messenger under two addresses.
local function merge(n, person, m)
  local other = read(m)
  for code, address in pairs(other.addresses) do
    if person.addresses[code] and person.addresses[code] ~= address then return end
  end
  for code, address in pairs(other.addresses) do
    person.addresses[code] = address
    hold(n, {code = code, address = address})
  end
  if person.name == '' and other.name ~= '' then
    person.name = other.name
    index_name(n, false, fold_of(m))
  end
  if person.values == '' then person.values = other.values end
  forget(m, other)
  write(n, person)
end

-- One person: name, the name folded, values, and addresses of which it is proven that they are theirs.
-- `firm`: the name takes the place of the one known before.
local function learn(firm, name, fold, values, ones)
  local n
  for _, one in ipairs(ones) do
    one.n = holder(one)
    n = n or one.n
  end
  local new = not n
  n = n or redis.call('INCR', 'ms:person:count')
  local person = read(n)
  local spare = {}
  for _, one in ipairs(ones) do
    local there = person.addresses[one.code]
    if not one.n and (not there or there == one.address) then
      person.addresses[one.code] = one.address
      hold(n, one)
    elseif not one.n then
      spare[#spare + 1] = one
    end
  end
  local before, renamed = person.name, person.name
  -- With an address that cannot be theirs it is somebody else, who shares the others with them.
  if name ~= '' and #spare == 0 and (firm or before == '') then renamed = name end
  person.name = renamed
  if values ~= '' and #spare == 0 then person.values = values end
  if new or before ~= renamed then index_name(n, not new, renamed == name and fold or '') end
  write(n, person)
  return n, spare, person
end

local verbs = {}

-- Arguments: '1' where names are firm, then for each person name, name folded, values, how many addresses, and code and
-- address of each. A second address on one messenger is a person by itself. Returns the number of each person; fewer than
-- were given where many have other names than before: call again for the rest.
function verbs.learn()
  local firm, i, numbers = ARGV[2] == '1', 3, {}
  while i <= #ARGV and changes < MOST_CHANGES do
    local name, fold, values, count = ARGV[i], ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3])
    local ones = {}
    i = i + 4
    for _ = 1, count do
      ones[#ones + 1] = {code = ARGV[i], address = ARGV[i + 1]}
      i = i + 2
    end
    local n, spare, person = learn(firm, name, fold, values, ones)
    for _, one in ipairs(ones) do
      local now = one.n and one.n ~= n and holder(one)
      if now and now ~= n then merge(n, person, now) end
    end
    for _, one in ipairs(spare) do learn(firm, name, fold, values, {one}) end
    numbers[#numbers + 1] = n
  end
  return numbers
end

-- Arguments: numbers of people to remove.
function verbs.forget()
  for i = 2, #ARGV do
    local n = tonumber(ARGV[i])
    local person = read(n)
    for code, address in pairs(person.addresses) do
      local key, field = at(code, address)
      if holder({code = code, address = address}) == n then redis.call('HDEL', key, field) end
    end
    forget(n, person)
  end
end

-- A person has another address: code, the old and the new one. Whoever was known there is the same person.
function verbs.move()
  local code, before, after = ARGV[2], ARGV[3], ARGV[4]
  local n, m = holder({code = code, address = before}), holder({code = code, address = after})
  if not n or n == m then return end
  local person = read(n)
  local key, field = at(code, before)
  redis.call('HDEL', key, field)
  person.addresses[code] = after
  if m then merge(n, person, m) end
  hold(n, {code = code, address = after})
  write(n, person)
end

-- For each code and address: the person's number, or 0.
function verbs.at()
  local numbers = {}
  for i = 2, #ARGV, 2 do
    numbers[#numbers + 1] = holder({code = ARGV[i], address = ARGV[i + 1]}) or 0
  end
  return numbers
end

-- Subscribers of a messenger whose person is also one on another, and counted there. Arguments: its key, cursor, how many to
-- look at, its letter, then key and letter of each of the others. Returns the next cursor, then how many.
function verbs.counted_elsewhere()
  local scanned, count = redis.call('HSCAN', ARGV[2], ARGV[3], 'COUNT', ARGV[4]), 0
  for place = 1, #scanned[2], 2 do
    local n = holder({code = ARGV[5], address = scanned[2][place]})
    local person = n and read(n)
    for other = 6, person and person.count > 1 and #ARGV or 0, 2 do
      local address = person.addresses[ARGV[other + 1]]
      if address and redis.call('HEXISTS', ARGV[other], address) == 1 then
        count = count + 1
        break
      end
    end
  end
  return {scanned[1], count}
end

-- The word that the fewest of these names have.
local function rarest(text, words)
  local best, fewest
  for _, word in ipairs(words) do
    local count, at = 0, 0
    repeat
      at = string.find(text, word, at + 1, true)
      count = count + 1
    until not at
    if not fewest or count < fewest then best, fewest = word, count end
  end
  return best
end

-- As many arguments as the one at `place` says, from behind it; and the place behind those.
local function list_at(place)
  local list, count = {}, tonumber(ARGV[place])
  for i = place + 1, place + count do list[#list + 1] = ARGV[i] end
  return list, place + count + 1
end

local function bitmaps(buckets)
  local maps = {}
  for i, bucket in ipairs(buckets) do maps[i] = redis.call('GET', 'ms:person:index:' .. bucket) or '' end
  return maps
end

-- True if the bit of the text is set in all of them.
local function in_all(maps, text)
  local at, bit = math.floor(text / 8) + 1, 2 ^ (7 - text % 8)
  for _, map in ipairs(maps) do
    if math.floor((string.byte(map, at) or 0) / bit) % 2 == 0 then return false end
  end
  return true
end

-- Lines of names in the texts `first` to `last` that have all words, at most `most` in which they are one phrase, and at
-- most `most` others. Arguments: first, last, most, phrase, then three lists, each behind its length: words, and the buckets
-- of the index in which such a line is, in any order of its words and in this one. Returns both.
function verbs.find()
  local first, last, most, phrase = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
  local words, place = list_at(6)
  local any_order, after = list_at(place)
  local maps, ordered = bitmaps(any_order), bitmaps((list_at(after)))
  local phrased, scattered, numbers = {}, {}, {}
  for text_of = first, last do numbers[#numbers + 1] = int(text_of) end
  local indexed = redis.call('HMGET', 'ms:person:indexed', unpack(numbers))
  local needle
  for i, number in ipairs(numbers) do
    local text_of, key = tonumber(number), 'ms:person:names:' .. number
    local known = indexed[i] and tonumber(indexed[i]) == redis.call('STRLEN', key)
    local may_have = not known or in_all(maps, text_of) and (#scattered < most or in_all(ordered, text_of))
    local text, at = may_have and redis.call('GET', key) or '', 1
    if may_have then needle = needle or rarest(text, words) end
    while may_have and #phrased < most do
      local from = string.find(text, needle, at, true)
      if not from then break end
      while string.byte(text, from) ~= 10 do from = from - 1 end
      at = string.find(text, '\n', from + 1, true)
      local line = string.sub(text, from + 1, at)
      local all = true
      for _, word in ipairs(words) do all = all and string.find(line, word, 1, true) end
      if all and string.find(line, phrase, 1, true) then
        phrased[#phrased + 1] = line
      elseif all and #scattered < most then
        scattered[#scattered + 1] = line
      end
    end
    if #phrased >= most then break end
  end
  return {phrased, scattered}
end

-- Set the bits of a text in buckets of the index. Arguments: text, how much of it was indexed, up to where it is now, the SHA-1
-- of what came in between, '1' if these are all of its buckets, buckets. Returns 0 where the text has changed meanwhile.
function verbs.index()
  local text, from, to = ARGV[2], ARGV[3], ARGV[4]
  if (redis.call('HGET', 'ms:person:indexed', text) or '0') ~= from then return 0 end
  local added = redis.call('GETRANGE', 'ms:person:names:' .. text, from, tonumber(to) - 1)
  if redis.sha1hex(added) ~= ARGV[5] then return 0 end
  for place = 7, #ARGV do redis.call('SETBIT', 'ms:person:index:' .. ARGV[place], text, 1) end
  if ARGV[6] == '1' then redis.call('HSET', 'ms:person:indexed', text, to) end
  return 1
end

local answer = verbs[ARGV[1]]()
write_texts()
return answer
