-- Shared by every script; put in front of it when it is loaded.
local DELIVER = '["workers.jobs.deliver", null, ["%s"], {}]'

local function int(n) return string.format('%d', n) end

-- Writes to rows, counters, sorted sets and jobs are gathered, and flush() makes few commands of them: one command with a
-- hundred members costs the store, and its file, a fraction of a hundred commands. scripts.py calls flush() after every
-- script; code that reads what was gathered calls it first.
local rows, dirty = {}, {}           -- hash -> field -> packed row, false = none; hash -> fields and values to be written
local counters = {}                  -- hash -> field -> change
local added, removed = {}, {}        -- sorted set -> scores and members; sorted set -> members
local removed_jobs, jobs = {}, {}    -- keys of jobs to delete; jobs to be made
local rung = {}                      -- topics to ring

local function append(lists, key, one, two)
  local list = lists[key]
  if not list then
    list = {}
    lists[key] = list
  end
  list[#list + 1] = one
  if two then list[#list + 1] = two end
end

local function add(set, score, member) append(added, set, int(score), member) end

local function remove(set, member) append(removed, set, member) end

-- Wakes the loops of the workers that wait for a topic: see bell.py.
local function ring(topic) rung[topic] = true end

local function put_down(command, key, list)  -- unpack() takes some thousands at most
  for i = 1, #list, 1000 do redis.call(command, key, unpack(list, i, math.min(#list, i + 999))) end
end

-- One RQ job as RQ 2.12 itself stores it, with the fields that a stock worker reads.
local function write_jobs()
  local lines, keys = {}, {}
  for _, job in ipairs(jobs) do
    append(lines, 'rq:queue:' .. job.queue, job.job_id)
    keys[#keys + 1] = 'rq:job:' .. job.job_id
  end
  for i = 1, #keys, 1000 do redis.call('UNLINK', unpack(keys, i, math.min(#keys, i + 999))) end
  for i, job in ipairs(jobs) do
    redis.call('HSET', keys[i], 'data', string.format(DELIVER, job.id), 'origin', job.queue, 'status', 'queued',
      'created_at', job.iso, 'enqueued_at', job.iso, 'timeout', 30, 'result_ttl', 0, 'failure_ttl', 86400, 'description', job.id)
  end
  for line, job_ids in pairs(lines) do put_down('RPUSH', line, job_ids) end
  jobs = {}
end

local function flush()
  for key, pairs_of in pairs(dirty) do put_down('HSET', key, pairs_of) end
  for hash, changes in pairs(counters) do
    for field, change in pairs(changes) do
      if change ~= 0 then redis.call('HINCRBY', hash, field, change) end
    end
  end
  for set, members in pairs(removed) do put_down('ZREM', set, members) end
  for set, members in pairs(added) do put_down('ZADD', set, members) end
  for i = 1, #removed_jobs, 1000 do redis.call('UNLINK', unpack(removed_jobs, i, math.min(#removed_jobs, i + 999))) end
  dirty, counters, removed, added, removed_jobs = {}, {}, {}, {}, {}
  write_jobs()
  for topic in pairs(rung) do redis.call('PUBLISH', 'ms:bell', topic) end
  rung = {}
end

-- Reads fields of several hashes at once into cache: hash -> field -> value, false = none.
local function prefetch(cache, wanted)
  for key, fields in pairs(wanted) do
    local known = cache[key] or {}
    cache[key] = known
    for i = 1, #fields, 1000 do
      local found = redis.call('HMGET', key, unpack(fields, i, math.min(#fields, i + 999)))
      for j, value in ipairs(found) do
        local field = fields[i + j - 1]
        if known[field] == nil then known[field] = value end
      end
    end
  end
end
