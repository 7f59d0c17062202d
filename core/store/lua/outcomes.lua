-- Shared by every script; put in front of it, behind lib.lua, when it is loaded.
local RECEIVED = {s = true, d = true, r = true, f = true}

-- Writes outcomes of claimed deliveries, each a list of eight or nine: job id, token, queue ('' = a stock RQ worker holds the job),
-- to (s f u q), extra (message id or reason), delay ms, 1 if it costs a try, 1 if receipts find it by its message id (2 if only
-- people's answers do), what the messenger charges for it.
-- to 'q' gives the delivery back: not before now + delay. A known outcome replaces unknown, however late it comes.
-- Returns how many were recorded; a stale token records nothing, so repeating a call changes nothing.
local function record_outcomes(outcomes, now)
  -- held: claims of this batch that were not recorded or reaped before.
  local touched, recorded, held, known, proves = {}, 0, {}, {}, {}

  local function exists(broadcast_id)
    if known[broadcast_id] == nil then known[broadcast_id] = redis.call('EXISTS', meta_key(broadcast_id)) == 1 end
    return known[broadcast_id]
  end

  -- The receipt came before the answer, which can only add the messenger's id.
  local function complete(broadcast_id, code, index, row, to, extra, bill)
    if to == 's' then charge(broadcast_id, code, bill) end
    if to == 's' and row.code ~= 'f' and row.extra == '' then row.extra = extra end
    row.token = ''
    write_row(broadcast_id, code, index, row)
    recorded = recorded + 1
  end

  local function record(job_id, token, queue, to, extra, delay, costs, indexed, bill)
    local member = job_id .. '|' .. token
    local claimed = held[member]
    if claimed then
      held[member] = nil
      remove('ms:sending', member)
      remove_job(queue, job_id, token)
    end
    local id, attempt = split_job(job_id)
    local broadcast_id, code, index = split_id(id)
    if not exists(broadcast_id) then return end
    local row, raw = read_row(broadcast_id, code, index)
    if not row and claimed then return quarantine_row(broadcast_id, code, index, raw, 'g', now) end
    local recalled = row and to ~= 'q' and recall_attempt(broadcast_id, code, row, attempt, token)
    if not row or row.token ~= token then return end
    if RECEIVED[row.code] then return complete(broadcast_id, code, index, row, to, extra, bill) end
    if row.code ~= 'g' and not recalled and (row.code ~= 'u' or to == 'u') then return end
    local again = to == 'f' and again_at(broadcast_id, code, extra, now)
    if again then to, delay, costs = 'q', again - now, 0 end
    local target = {code = to, attempt = row.attempt, tries = row.tries, at = now, extra = extra, token = to == 'u' and token or ''}
    if to == 'q' then
      target.tries = row.tries + costs
      target.at = now + delay
      local status, out = unpack(redis.call('HMGET', meta_key(broadcast_id), 'status', 'out:' .. code))
      if status == 'cancelled' or out then
        target.code = 'c'
      else
        requeue(code, id, target.at)
        if status == 'finished' then reopen(broadcast_id, now) end
      end
    end
    move(broadcast_id, code, index, row, target)
    if to == 's' then charge(broadcast_id, code, bill) end
    local part = code .. broadcast_id
    if proves[part] == nil then proves[part] = redis.call('HEXISTS', meta_key(broadcast_id), 'first:' .. code) == 1 end
    if proves[part] and to == 's' then
      first_was_taken(broadcast_id, code, now)
      proves[part] = false
    end
    if to == 's' and indexed == 1 and extra ~= '' then
      remember_sent(job_id, extra, now)
      apply_early(code, job_id, extra, now, touched)
    end
    if to == 's' and indexed == 2 and extra ~= '' then remember_answerable(job_id, extra, now) end
    if to == 'f' and OUT_OF_REACH[extra] then set_reach('ms:out:' .. code, address_of(broadcast_id, code, index), extra, now) end
    touched[broadcast_id] = true
    recorded = recorded + 1
  end

  local wanted, members = {}, {}
  for i, outcome in ipairs(outcomes) do
    local broadcast_id, code, index = split_id(split_job(outcome[1]))
    append(wanted, row_key(broadcast_id, code, index), index % CHUNK)
    members[i] = outcome[1] .. '|' .. outcome[2]
  end
  prefetch(rows, wanted)
  for i = 1, #members, 1000 do
    local last = math.min(#members, i + 999)
    for j, score in ipairs(redis.call('ZMSCORE', 'ms:sending', unpack(members, i, last))) do
      held[members[i + j - 1]] = score and true or nil
    end
  end
  for _, outcome in ipairs(outcomes) do record(unpack(outcome)) end
  for broadcast_id in pairs(touched) do finish_if_done(broadcast_id, now) end
  return recorded
end
