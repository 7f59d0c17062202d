-- Files held by messengers. ARGV: verb, name of the file. ms:file:<name>: the messenger's id; ms:file:<name>:lease: one worker
-- uploads it now.
local key = 'ms:file:' .. ARGV[2]
local verbs = {}

function verbs.put(held_as, life) redis.call('SET', key, held_as, 'EX', life) end

-- Returns 1, or 0 while another worker has the lease (s).
function verbs.begin(lease) return redis.call('SET', key .. ':lease', '1', 'NX', 'EX', lease) and 1 or 0 end

-- Forget an id that is no longer valid, unless another one has replaced it.
function verbs.forget(held_as)
  if redis.call('GET', key) == held_as then redis.call('UNLINK', key) end
end

return verbs[ARGV[1]](unpack(ARGV, 3))
