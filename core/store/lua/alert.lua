-- Keeps what the admins have been told. ARGV: text.
redis.call('SET', 'ms:notices', ARGV[1])
