-- Takes rooms whose cursors are due to be written. Nobody else gets them for a while, and everybody after that.
-- KEYS[i]      sorted set of rooms: when they are to be written
-- ARGV[1]      the most rooms of each; ARGV[2] milliseconds until they are due once more
-- Returns      for each set: its rooms
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local out = {}
for i = 1, #KEYS do
  local rooms = redis.call('ZRANGEBYSCORE', KEYS[i], '-inf', now, 'LIMIT', 0, ARGV[1])
  for _, room in ipairs(rooms) do
    redis.call('ZADD', KEYS[i], 'XX', now + tonumber(ARGV[2]), room)
  end
  out[i] = rooms
end
return out
