-- Ends the lease of one member, unless another one has taken its place.
-- KEYS      as in renew-lease.lua
-- ARGV      member, its details
-- Returns   how many leases were ended
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[2], ARGV[1])
return redis.call('ZREM', KEYS[1], ARGV[1])
