-- A sign of life of a program, by the store's clock. ARGV: its name, s after which one is forgotten.
local now = now_ms() / 1000
redis.call('ZADD', 'ms:alive', math.floor(now), ARGV[1])
redis.call('ZREMRANGEBYSCORE', 'ms:alive', '-inf', math.floor(now) - ARGV[2])
