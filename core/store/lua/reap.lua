-- Claims whose lease is over become unknown: their worker was cut off. ARGV: pairs of messenger's code and queue, then the
-- longest lease in ms, most. Returns how many leases were over, and how many of their claims became unknown.
local queues = {}
local lease, most = tonumber(ARGV[#ARGV - 1]), ARGV[#ARGV]
for i = 1, #ARGV - 2, 2 do queues[ARGV[i]] = ARGV[i + 1] end
local now = now_ms()
local touched, reaped = {}, 0
-- Further ahead than any lease: the clock has stepped back. From now on it lasts as long as a new one.
for _, member in ipairs(redis.call('ZRANGEBYSCORE', 'ms:sending', '(' .. int(now + lease), '+inf', 'LIMIT', 0, most)) do
  redis.call('ZADD', 'ms:sending', now + lease, member)
end
local over = redis.call('ZRANGEBYSCORE', 'ms:sending', '-inf', now, 'LIMIT', 0, most)
for _, member in ipairs(over) do
  redis.call('ZREM', 'ms:sending', member)
  local job_id, token = string.match(member, '^(.-)|(.+)$')
  local broadcast_id, code, index = split_id(split_job(job_id))
  local row, raw = read_row(broadcast_id, code, index)
  remove_job(queues[code], job_id, token)
  local known = redis.call('EXISTS', meta_key(broadcast_id)) == 1
  if known and not row then
    quarantine_row(broadcast_id, code, index, raw, 'g', now)
  elseif known and row.code == 'g' and row.token == token then
    move(broadcast_id, code, index, row,
      {code = 'u', attempt = row.attempt, tries = row.tries, at = now, extra = 'cut_off', token = token})
    touched[broadcast_id] = true
    reaped = reaped + 1
  end
end
for broadcast_id in pairs(touched) do finish_if_done(broadcast_id, now) end
return {#over, reaped}
