-- What became of an order with a key: its answer, or that it was refused. ARGV: name of the key, bid, answer ('' = refused).
-- What was accepted by another try of the same order stays accepted.
local key = 'ms:once:' .. ARGV[1]
local bid, state = unpack(redis.call('HMGET', key, 'bid', 'state'))
if bid ~= ARGV[2] then return 0 end
if ARGV[3] ~= '' then
  redis.call('HSET', key, 'answer', ARGV[3])
elseif state ~= 'accepted' then
  redis.call('HSET', key, 'state', 'refused')
end
return 1
