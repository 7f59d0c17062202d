-- Replaces an order that waits for its time: the same id, other content, recipients or time, in one step.
-- ARGV: broadcast id, list id of the new recipients, already written; the edition that is replaced; send_at ms, then fields
-- and values. Returns 1, also if this very change was made before (a repeated call), or 0 if the order no longer waits, is
-- held, was changed meanwhile, or the new recipients are gone.
local broadcast_id, list, edition, send_at = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local meta = meta_key(broadcast_id)
local status, held, latest, was, codes, was_at, asks =
  unpack(redis.call('HMGET', meta, 'status', 'held', 'edition', 'list', 'codes', 'send_at', 'asks'))
if was == list then return 1 end
if (status ~= 'scheduled' and status ~= 'unapproved') or held == '1' or (latest or '0') ~= edition then return 0 end
if redis.call('ZREM', 'ms:staging', list) == 0 then return 0 end
for code in string.gmatch(codes, '%l') do
  -- Under no broadcast's name: the rows that will be written under this one are not for the trash.
  redis.call('RPUSH', 'ms:trash', table.concat({'-', was, code, redis.call('HGET', meta, 'size:' .. code)}, '|'))
end
local before = redis.call('HGETALL', meta)
local function field_of(name)
  for i = 5, #ARGV, 2 do
    if ARGV[i] == name then return ARGV[i + 1] end
  end
end
local editor, editor_name = field_of('created_by'), field_of('creator_name')
-- Whose words and whose list it is: of the person who wrote what has not changed, else of the one who changed it.
local function author(part, same)
  if not same then return editor, editor_name end
  local id, name = unpack(redis.call('HMGET', meta, part .. '_by', part .. '_name'))
  if id then return id, name end
  return unpack(redis.call('HMGET', meta, 'created_by', 'creator_name'))
end
local text, content, digest = unpack(redis.call('HMGET', meta, 'text', 'content', 'list_digest'))
local words_by, words_name = author('words', text == field_of('text') and (content or nil) == field_of('content'))
local list_by, list_name = author('list', digest and digest == field_of('list_digest'))
-- Those who wrote a part before still do, as nobody can tell which part is left.
local co_authors = cjson.decode(field_of('co_authors') or '[]')
for _, one in ipairs(cjson.decode(redis.call('HGET', meta, 'co_authors') or '[]')) do co_authors[#co_authors + 1] = one end
local kept = {'created_by', 'creator_name', 'accepted_at', 'series', 'once', 'again_of'}
local values = redis.call('HMGET', meta, unpack(kept))
redis.call('UNLINK', meta)
redis.call('HSET', meta, 'list', list, 'status', 'scheduled', 'send_at', send_at, 'edition', int(edition + 1), unpack(ARGV, 5))
for i, field in ipairs(kept) do
  if values[i] then redis.call('HSET', meta, field, values[i]) end
end
if redis.call('HGET', meta, 'held') == '1' then redis.call('HSET', meta, 'back_to', was_at) end
for place = 1, #before, 2 do
  if string.sub(before[place], 1, 4) == 'did:' then redis.call('HSET', meta, before[place], before[place + 1]) end
end
if #co_authors > 0 then redis.call('HSET', meta, 'co_authors', cjson.encode(co_authors)) end
redis.call('HSET', meta, 'words_by', words_by, 'words_name', words_name, 'list_by', list_by, 'list_name', list_name)
redis.call('HSET', meta, 'asks', (asks or 0) + (redis.call('HGET', meta, 'asks') or 0))
place_accepted(broadcast_id, send_at)
return 1
