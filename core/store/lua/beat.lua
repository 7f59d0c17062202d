-- A sign of life of a program, by the store's clock. ARGV: its name, s after which one is forgotten, s without a sign after
-- which nothing is sent before an admin is asked: an older copy of the store was put back, or nothing ran for long; origin of
-- the store's files ('' = not known): another one than before means that they are a copy, however young; the layout that the
-- program knows: in a store of another one it writes nothing; the program's last sign (s, '' = none): a store that does not
-- have it has lost its latest writes; an id for a store that has none yet; then, where the program's machine remembers
-- one, a batch of claims: id of the store that had it, its lane, its number there, when it was given, and for how long the store
-- keeps it (ms).
-- Returns {now in ms, the store's layout, its id}.
local now = now_ms()
-- ms:store: the id of this store, which its copies have too.
local layout, store = unpack(redis.call('MGET', 'ms:schema', 'ms:store'))
layout = layout or ARGV[5]
if layout ~= ARGV[5] then return {now, layout, ''} end
local seconds = math.floor(now / 1000)

local function starts_by_itself(broadcast_id)  -- when it is due; starting.lua asks about the others
  local send_at, late, after = unpack(redis.call('HMGET', meta_key(broadcast_id), 'send_at', 'late', 'late_after'))
  return not after or late == 'send' or now - tonumber(send_at) <= tonumber(after)
end

local function anything_to_send()
  for _, broadcast_id in ipairs(redis.call('ZRANGE', 'ms:i:running', 0, -1)) do
    if redis.call('HGET', meta_key(broadcast_id), 'status') == 'sending' then return true end
  end
  for _, broadcast_id in ipairs(redis.call('ZRANGEBYSCORE', 'ms:i:scheduled', 0, now)) do
    if starts_by_itself(broadcast_id) then return true end
  end
  return false
end

local ORIGIN = 'ms:origin'
local known = ARGV[4] ~= '' and redis.call('GET', ORIGIN)
local is_copy = known and known ~= ARGV[4]
if ARGV[4] ~= '' and known ~= ARGV[4] then redis.call('SET', ORIGIN, ARGV[4]) end

if not store then
  store = ARGV[7]
  redis.call('SET', 'ms:store', store)
end

local function has_lost(of, lane, number, at, life)
  if of ~= store or now - at >= life then return false end
  return tonumber(last_batch(lane) or '0') < number and is_new_loss(at)
end

local last = last_sign()
local wrote = tonumber(ARGV[6])
local lost = wrote and tonumber(redis.call('ZSCORE', 'ms:alive', ARGV[1]) or '0') < wrote and is_new_loss(wrote * 1000)
lost = lost or (ARGV[8] and has_lost(ARGV[8], ARGV[9], tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])))
if last and (is_copy or lost or seconds - last > tonumber(ARGV[3])) and anything_to_send() then ask_first(now, last, lost) end
redis.call('ZADD', 'ms:alive', seconds, ARGV[1])
redis.call('ZREMRANGEBYSCORE', 'ms:alive', '-inf', seconds - ARGV[2])
return {now, layout, store}
