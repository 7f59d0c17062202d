-- Reports of a messenger, any number of times and in any order: each delivery gets the furthest state ever reported.
-- ARGV: code, then eight for each report: kind, reference, message id, state, reason, at ms, address, what is charged.
--   kind 'r': a receipt for the message of this id to this address; 'all': also for everything sent to it until `at`
--   kind 'out', 'in', 'asked': the address opted out, can be reached again, asked to be written to again
--   kind 'wrote': an inbound message from the address
--   kind 'moved': the person is at another address now, given in place of the message id
-- Returns how many receipts matched no delivery in the ledger.
local code = ARGV[1]
local now = now_ms()
local touched, freed, unmatched = {}, {}, 0

-- `failed` overrules `sent`; `delivered` and `read` are proof and overrule both.
local RANK = {q = 0, g = 0, u = 0, c = 0, s = 1, f = 2, d = 3, r = 4}
local GOT_IT = {s = true, d = true, r = true}
local ARRIVED = {d = true, r = true}
local UNBILLED_LIFE = 604800

local function apply(job_id, message_id, to, reason, bill)
  local id, attempt = split_job(job_id)
  local broadcast_id, of, index
  if id then broadcast_id, of, index = split_id(id) end
  if of ~= code then return false end
  local status, size, out = unpack(redis.call('HMGET', meta_key(broadcast_id), 'status', 'size:' .. code, 'out:' .. code))
  if not size or index >= tonumber(size) then return false end
  local row = read_row(broadcast_id, code, index)
  if row and GOT_IT[to] then recall_attempt(broadcast_id, code, row, attempt, '') end
  if not row or row.attempt ~= attempt + 1 then return false end
  -- Cancelling, or leaving a messenger out, makes what is queued cancelled by the broadcast's fields alone.
  if row.code == 'q' and (status == 'cancelled' or out) then row.code = 'c' end
  local unbilled = meta_key(broadcast_id) .. ':unbilled'
  if RANK[to] <= RANK[row.code] then
    if ARRIVED[to] and bill ~= '' and redis.call('SREM', unbilled, id) == 1 then
      charge(broadcast_id, code, bill)
    end
    return true
  end
  -- A try that was refused with "not now" stays queued, whatever is reported about it later.
  if to == 'f' and (row.code == 'q' or row.code == 'c') then return true end
  -- Nor does a "sent" that comes late undo the refusal after it.
  if to == 's' and (row.code == 'q' or row.code == 'c') and AGAIN_AFTER[row.extra] then return true end
  touched[broadcast_id] = true
  local again = to == 'f' and again_at(broadcast_id, code, reason, now)
  if again then
    move(broadcast_id, code, index, row,
      {code = 'q', attempt = row.attempt, tries = row.tries, at = again, extra = reason, token = ''})
    requeue(code, id, again)
    if status == 'finished' then reopen(broadcast_id, now) end
    return true
  end
  local extra = reason
  if to ~= 'f' then extra = GOT_IT[row.code] and row.extra ~= '' and row.extra or message_id end
  if GOT_IT[to] and not freed[broadcast_id] then
    let_all_go(broadcast_id, code)
    freed[broadcast_id] = true
  end
  -- A message is charged when it is delivered, and each arrives once. "Read" comes without what is charged, and may overtake "delivered", which has it.
  if ARRIVED[to] and not ARRIVED[row.code] then
    charge(broadcast_id, code, bill)
    if to == 'r' and bill == '' then
      redis.call('SADD', unbilled, id)
      redis.call('EXPIRE', unbilled, UNBILLED_LIFE)
    end
  end
  -- The token stays: the answer to the attempt may still be on its way, with the messenger's id in it.
  move(broadcast_id, code, index, row,
    {code = to, attempt = row.attempt, tries = row.tries, at = now, extra = extra, token = row.token})
  if to == 'f' and OUT_OF_REACH[reason] then set_reach('ms:out:' .. code, address_of(broadcast_id, code, index), reason, now) end
  return true
end

local function apply_to_all_of(address, to, at)
  for week = this_week(now) - 2, this_week(now) do
    local list = redis.call('HGET', bucket_key('ms:last:', code, week, address), address)
    for job_id, sent_at in string.gmatch(list or '', '(%S+)@(%d+)') do
      if tonumber(sent_at) <= at / 1000 + 1 then apply(job_id, '', to, '') end
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
  if not apply(ref, message_id, to, reason, bill) then unmatched = unmatched + 1 end
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
