-- Takes the mark off cursors that the database has now, unless they have moved on since they were read.
-- KEYS[1]      sorted set of rooms with such cursors
-- KEYS[2]      hash of the room's cursors that the database does not have yet
-- KEYS[3]      how often cursors of the room were settled
-- ARGV[1]      the room
-- ARGV[..]     person, "seq ordinal" as it was written
-- Returns      how many are left
redis.call('INCR', KEYS[3])
redis.call('PEXPIRE', KEYS[3], 60000)
for i = 2, #ARGV, 2 do
  if redis.call('HGET', KEYS[2], ARGV[i]) == ARGV[i + 1] then redis.call('HDEL', KEYS[2], ARGV[i]) end
end
local left = redis.call('HLEN', KEYS[2])
if left == 0 then redis.call('ZREM', KEYS[1], ARGV[1]) end
return left
