-- Ends leases of connections.
-- KEYS         as in renew-presence.lua
-- ARGV[2i-1]   the connection, in the one state; ARGV[2i] in the other
-- Returns      how many were ended
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
for i = 1, #KEYS / 2 do
  redis.call('ZREM', KEYS[2 * i - 1], ARGV[2 * i - 1], ARGV[2 * i])
  redis.call('SET', KEYS[2 * i], now, 'EX', 7776000)
end
return #KEYS / 2
