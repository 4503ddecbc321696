-- Renews the lease of one member and lists all whose leases run.
-- KEYS[1]   sorted set: member -> end of its lease, milliseconds by the server's clock
-- KEYS[2]   hash: member -> details
-- ARGV      member, its details, length of the lease in milliseconds
-- Returns   the details that stood under this member until now (empty: none), then those of all whose leases run
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local before = redis.call('HGET', KEYS[2], ARGV[1]) or ''
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], gone)
  redis.call('HDEL', KEYS[2], gone)
end
local details = { before }
for i, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  details[i + 1] = redis.call('HGET', KEYS[2], member) or '{}'
end
return details
