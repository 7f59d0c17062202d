-- Shared by every script; put in front of it, behind lib.lua, when it is loaded.

-- `failed` overrules `sent`; `delivered` and `read` are proof and overrule both.
local RANK = {q = 0, g = 0, u = 0, c = 0, s = 1, f = 2, d = 3, r = 4}
local GOT_IT = {s = true, d = true, r = true}
local ARRIVED = {d = true, r = true}
local UNBILLED_LIFE = 604800

-- One receipt; touched: gets the broadcasts that may have ended by it. Returns false where it belongs to no delivery.
local freed = {}

local function apply_receipt(code, job_id, message_id, to, reason, bill, now, touched)
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
  -- A message is charged when it is delivered, and each arrives once. "Read" comes without what is charged, and may overtake
  -- "delivered", which has it.
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
  if to == 'f' then
    if OUT_OF_REACH[reason] then set_reach('ms:out:' .. code, address_of(broadcast_id, code, index), reason, now) end
    if status == 'finished' then add_notice('refused:' .. broadcast_id, now) end
  end
  return true
end

-- Receipts that name a message by the messenger's id alone may be faster than the answer that tells the id.
-- ms:early:<m>:<minute>: digest of message and address -> state, reason and charge of the furthest, and how many came; gone
-- after a few minutes.
local MINUTE_MS, EARLY_LIFE = 60000, 180

local function early_key(code, minute) return 'ms:early:' .. code .. ':' .. int(minute) end

local function keep_early(code, name, to, reason, bill, now)
  local key, field = early_key(code, math.floor(now / MINUTE_MS)), redis.sha1hex(name)
  local furthest = cjson.decode(redis.call('HGET', key, field) or '["q", "", "", 0]')
  local count = furthest[4] + 1
  if RANK[to] > RANK[furthest[1]] then furthest = {to, reason, bill} end
  furthest[4] = count
  redis.call('HSET', key, field, cjson.encode(furthest))
  redis.call('EXPIRE', key, EARLY_LIFE)
end

local early_keys

-- Apply those for a message whose id has just become known.
local function apply_early(code, job_id, message_id, now, touched)
  if not early_keys then
    early_keys = {}
    local this = math.floor(now / MINUTE_MS)
    for minute = this - 1, this do
      local key = early_key(code, minute)
      if redis.call('EXISTS', key) == 1 then early_keys[#early_keys + 1] = key end
    end
  end
  for _, key in ipairs(early_keys) do
    local broadcast_id, _, index = split_id(split_job(job_id))
    local field = redis.sha1hex(message_field(message_id, address_of(broadcast_id, code, index)))
    local found = redis.call('HGET', key, field)
    if found then
      local to, reason, bill, count = unpack(cjson.decode(found))
      redis.call('HDEL', key, field)
      redis.call('HINCRBY', 'ms:receipts', code .. ':unmatched', -count)
      apply_receipt(code, job_id, message_id, to, reason, bill, now, touched)
    end
  end
end
