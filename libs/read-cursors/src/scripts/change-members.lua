-- Takes members in or out, in the order in which it happened; cursors that have missed a change are forgotten.
-- KEYS[1]      hash of the room's cursors
-- ARGV[1]      the run of this server
-- ARGV[2]      members' seq before these changes; ARGV[3] after them
-- ARGV[..]     for each change: 'in' or 'out', person, seq and ordinal of the entry that tells of it
-- Returns      generation ('' where nothing is loaded), then for each change: version, cursor (of who went: before)
local meta = redis.call('HMGET', KEYS[1], '_g', '_m', '_r')
if not meta[1] or meta[3] ~= ARGV[1] or tonumber(meta[2]) >= tonumber(ARGV[3]) then return { '' } end
if meta[2] ~= ARGV[2] then
  redis.call('DEL', KEYS[1])
  return { '' }
end
local out = { meta[1] }
for i = 4, #ARGV, 4 do
  local way, person, seq, ordinal = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local cursor = redis.call('HGET', KEYS[1], person)
  if way == 'in' then
    redis.call('HSET', KEYS[1], person, seq .. ' ' .. ordinal)
  else
    redis.call('HDEL', KEYS[1], person)
  end
  local from = way == 'out' and cursor and string.match(cursor, '%d+') or seq
  out[#out + 1] = { redis.call('HINCRBY', KEYS[1], '_v', 1), tonumber(from) }
end
redis.call('HSET', KEYS[1], '_m', ARGV[3])
return out
