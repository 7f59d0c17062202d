-- Claims whose lease is over become unknown: whoever held them was cut off. ARGV: code of messenger -> queue pairs...,
-- then the longest lease in ms, most.
local queues = {}
local lease, most = tonumber(ARGV[#ARGV - 1]), ARGV[#ARGV]
for i = 1, #ARGV - 2, 2 do queues[ARGV[i]] = ARGV[i + 1] end
local now = math.floor(now_us() / 1000)
local touched, reaped = {}, 0
-- Further ahead than any lease: the clock has stepped back since. From now on it lasts as long as it was made for.
for _, member in ipairs(redis.call('ZRANGEBYSCORE', 'ms:sending', '(' .. int(now + lease), '+inf', 'LIMIT', 0, most)) do
  redis.call('ZADD', 'ms:sending', now + lease, member)
end
for _, member in ipairs(redis.call('ZRANGEBYSCORE', 'ms:sending', '-inf', now, 'LIMIT', 0, most)) do
  redis.call('ZREM', 'ms:sending', member)
  local jid, token = string.match(member, '^(.-)|(.+)$')
  local bid, code, index = split_id(split_job(jid))
  local row, raw = read_row(bid, code, index)
  drop_job(queues[code], jid, token)
  local known = redis.call('EXISTS', meta_key(bid)) == 1
  if known and not row then
    set_aside(bid, code, index, raw, 'g', now)
  elseif known and row.code == 'g' and row.token == token then
    move(bid, code, index, row,
      {code = 'u', attempt = row.attempt, tries = row.tries, at = now, extra = 'cut_off', token = token})
    touched[bid] = true
    reaped = reaped + 1
  end
end
for bid in pairs(touched) do finish_if_done(bid, now) end
return reaped
