-- The cursors of one person in many rooms, also where only those are left that the database does not have yet.
-- KEYS[2i-1]   hash of a room's cursors
-- KEYS[2i]     hash of those that the database does not have yet
-- ARGV[1]      the person; ARGV[2] the run of this server
-- Returns      for each room: "seq ordinal", or '' where nothing is known
local out = {}
for i = 1, #KEYS / 2 do
  local loaded = redis.call('HMGET', KEYS[2 * i - 1], '_r', ARGV[1])
  out[i] = loaded[1] == ARGV[2] and loaded[2] or redis.call('HGET', KEYS[2 * i], ARGV[1]) or ''
end
return out
