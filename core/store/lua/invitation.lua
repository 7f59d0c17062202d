-- Invitations to the team. ms:invite:<id>: digest (of the link's token), role, by, asked, and once the link is opened person,
-- name, username, language; it ends by itself. ms:invites: the ids, those of ended ones among them. ARGV: verb, id, then as
-- below.
local id = ARGV[2]
local key = 'ms:invite:' .. id
local verbs = {}

-- ARGV: digest, role, by, life s.
function verbs.make()
  redis.call('HSET', key, 'digest', ARGV[3], 'role', ARGV[4], 'by', ARGV[5])
  redis.call('EXPIRE', key, ARGV[6])
  redis.call('SADD', 'ms:invites', id)
  return 1
end

-- Keep who has opened the link, for a new life. ARGV: digest, person, name, username, language, life s. Returns 'new',
-- 'again' for the same person, or 'ended' for a link that has ended, was never made, or was opened by another person.
function verbs.open()
  local digest, person = unpack(redis.call('HMGET', key, 'digest', 'person'))
  if not digest or digest ~= ARGV[3] then return 'ended' end
  if person then return person == ARGV[4] and 'again' or 'ended' end
  redis.call('HSET', key, 'person', ARGV[4], 'name', ARGV[5], 'username', ARGV[6], 'language', ARGV[7])
  redis.call('EXPIRE', key, ARGV[8])
  return 'new'
end

function verbs.asked()
  if redis.call('EXISTS', key) == 1 then redis.call('HSET', key, 'asked', 1) end
  return 1
end

-- Remove it. Returns 1, or 0 when it has ended: of two who decide, the first one does.
function verbs.take()
  redis.call('SREM', 'ms:invites', id)
  return redis.call('UNLINK', key)
end

return verbs[ARGV[1]]()
