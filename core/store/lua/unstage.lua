-- Gives up recipients that no broadcast has taken; their list is cleared away later. ARGV: list id.
redis.call('SADD', 'ms:unstaged', ARGV[1])
redis.call('ZREM', 'ms:staging', ARGV[1])
