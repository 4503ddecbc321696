-- Renews leases of connections.
-- KEYS[2i-1]   sorted set of one person: connection -> end of its lease, milliseconds by the server's clock
-- KEYS[2i]     when that person was last seen
-- ARGV[1]      length of a lease, milliseconds
-- ARGV[2i]     the connection as it is now; ARGV[2i+1] what it is not any more
-- Returns      how many were renewed
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local ms = tonumber(ARGV[1])
for i = 1, #KEYS / 2 do
  redis.call('ZREM', KEYS[2 * i - 1], ARGV[2 * i + 1])
  redis.call('ZADD', KEYS[2 * i - 1], now + ms, ARGV[2 * i])
  redis.call('PEXPIRE', KEYS[2 * i - 1], 2 * ms)
  redis.call('SET', KEYS[2 * i], now, 'EX', 7776000)
end
return #KEYS / 2
