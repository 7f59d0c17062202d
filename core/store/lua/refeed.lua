-- Makes again the jobs that were made long ago, are still wanted, and that RQ has lost.
-- ARGV: code, queue, minimum age ms, most, now as ISO text. Returns how many.
local code, queue, most, iso = ARGV[1], ARGV[2], ARGV[4], ARGV[5]
local now = now_ms()
local again = 0
for _, job_id in ipairs(redis.call('ZRANGEBYSCORE', 'ms:window:' .. code, '-inf', now - tonumber(ARGV[3]), 'LIMIT', 0, most)) do
  local id, attempt = split_job(job_id)
  local broadcast_id, _, index = split_id(id)
  local known = redis.call('EXISTS', meta_key(broadcast_id)) == 1
  local row, raw = read_row(broadcast_id, code, index)
  if known and not row then
    quarantine_row(broadcast_id, code, index, raw, 'q', now)
    redis.call('ZREM', 'ms:window:' .. code, job_id)
  elseif not known or row.code ~= 'q' or row.attempt ~= attempt then
    redis.call('ZREM', 'ms:window:' .. code, job_id)
  elseif redis.call('EXISTS', 'rq:job:' .. job_id) == 0 or not redis.call('LPOS', 'rq:queue:' .. queue, job_id) then
    redis.call('LREM', 'rq:queue:' .. queue, 0, job_id)
    add_job(queue, job_id, id, iso)
    redis.call('ZADD', 'ms:window:' .. code, now, job_id)
    again = again + 1
    ring('claim:' .. code)
  end
end
return again
