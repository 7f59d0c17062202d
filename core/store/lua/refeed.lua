-- Jobs that were made long ago, are still wanted, and that RQ has lost. ARGV: code, queue, older than ms, most, now as ISO text.
local code, queue, most, iso = ARGV[1], ARGV[2], ARGV[4], ARGV[5]
local now = math.floor(now_us() / 1000)
local again = 0
for _, jid in ipairs(redis.call('ZRANGEBYSCORE', 'ms:window:' .. code, '-inf', now - tonumber(ARGV[3]), 'LIMIT', 0, most)) do
  local id, attempt = split_job(jid)
  local bid, _, index = split_id(id)
  local known = redis.call('EXISTS', meta_key(bid)) == 1
  local row, raw = read_row(bid, code, index)
  if known and not row then
    set_aside(bid, code, index, raw, 'q', now)
    redis.call('ZREM', 'ms:window:' .. code, jid)
  elseif not known or row.code ~= 'q' or row.attempt ~= attempt then
    redis.call('ZREM', 'ms:window:' .. code, jid)
  elseif redis.call('EXISTS', 'rq:job:' .. jid) == 0 or not redis.call('LPOS', 'rq:queue:' .. queue, jid) then
    redis.call('LREM', 'rq:queue:' .. queue, 0, jid)
    put_job(queue, jid, id, iso)
    redis.call('ZADD', 'ms:window:' .. code, now, jid)
    again = again + 1
  end
end
return again
