-- Reports of a messenger, any number of times and in any order: each delivery gets the furthest state ever reported.
-- ARGV: code, then eight for each report: kind, reference, message id, state, reason, at ms, address, what is charged.
--   kind 'r': a receipt for the message of this id to this address; 'all': also for everything sent to it until `at`
--   kind 'out', 'in', 'asked': the address opted out, can be reached again, asked to be written to again
--   kind 'wrote': an inbound message from the address
--   kind 'moved': the person is at another address now, given in place of the message id
-- Returns how many receipts matched no delivery in the ledger.
local code = ARGV[1]
local now = now_ms()
local touched, unmatched = {}, 0

local function apply_to_all_of(address, to, at)
  for week = this_week(now) - 2, this_week(now) do
    local list = redis.call('HGET', bucket_key('ms:last:', code, week, address), address)
    for job_id, sent_at in string.gmatch(list or '', '(%S+)@(%d+)') do
      if tonumber(sent_at) <= at / 1000 + 1 then apply_receipt(code, job_id, '', to, '', nil, now, touched) end
    end
  end
end

local function receipt(all, ref, message_id, to, reason, at, address, bill)
  if ref == '' then
    for week = this_week(now) - 2, this_week(now) do
      local name = message_field(message_id, address)
      ref = redis.call('HGET', bucket_key('ms:mid:', code, week, name), name) or ref
    end
  end
  if all and address ~= '' then apply_to_all_of(address, to, at) end
  if apply_receipt(code, ref, message_id, to, reason, bill, now, touched) then return end
  unmatched = unmatched + 1
  if ref == '' and message_id ~= '' then keep_early(code, message_field(message_id, address), to, reason, bill, now) end
end

-- When people last wrote: ms:wrote:<m>:<day> -> address -> ms, one hash for each day, gone after three.
local DAY_MS, WROTE_LIFE = 86400000, 259200

local function wrote(address, at)
  if now - at > 2 * DAY_MS then return end
  local key = 'ms:wrote:' .. code .. ':' .. int(math.floor(at / DAY_MS))
  if tonumber(redis.call('HGET', key, address) or '0') >= at then return end
  redis.call('HSET', key, address, int(at))
  redis.call('EXPIRE', key, WROTE_LIFE)
end

-- Somebody has a new address: what they asked for, and when they last wrote, follow them.
local function moved(before, after, at)
  for _, key in ipairs({'ms:stop:' .. code, 'ms:out:' .. code}) do
    local reason = string.match(redis.call('HGET', key, before) or '', '^([^|]+)|')
    if reason == 'opted_out' then set_reach(key, after, reason, at) end
  end
  for day = math.floor(now / DAY_MS) - 2, math.floor(now / DAY_MS) do
    local last = redis.call('HGET', 'ms:wrote:' .. code .. ':' .. int(day), before)
    if last then wrote(after, tonumber(last)) end
  end
end

local function event(kind, ref, message_id, to, reason, at, address, bill)
  at = math.min(tonumber(at), now)
  if kind == 'r' or kind == 'all' then return receipt(kind == 'all', ref, message_id, to, reason, at, address, bill) end
  if kind == 'wrote' then return wrote(address, at) end
  if kind == 'moved' then return moved(address, message_id, at) end
  if kind == 'out' then
    set_reach((reason == 'opted_out' and 'ms:stop:' or 'ms:out:') .. code, address, reason, at)
  else
    set_reach('ms:out:' .. code, address, '', at)
    if kind == 'asked' then
      set_reach('ms:stop:' .. code, address, '', at)
      local digest = forgotten_digest(address)
      if digest then redis.call('HDEL', 'ms:forgotten:' .. code, digest) end
    end
  end
end

for i = 2, #ARGV, 8 do event(unpack(ARGV, i, i + 7)) end
for broadcast_id in pairs(touched) do finish_if_done(broadcast_id, now) end
if unmatched > 0 then redis.call('HINCRBY', 'ms:receipts', code .. ':unmatched', unmatched) end
return unmatched
