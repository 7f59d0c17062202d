-- Gives up recipients that no broadcast has taken; their list is cleared away later. ARGV: list id.
-- A broadcast may have taken them since the caller looked.
if redis.call('ZREM', 'ms:staging', ARGV[1]) == 1 then redis.call('SADD', 'ms:unstaged', ARGV[1]) end
