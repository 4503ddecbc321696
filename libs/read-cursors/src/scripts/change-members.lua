-- Takes members in or out, in the order in which it happened; cursors that have missed a change are forgotten.
-- KEYS[1]      hash of the room's cursors
-- ARGV[1]      members' seq before these changes; ARGV[2] after them
-- ARGV[..]     for each change: 'in' or 'out', person, seq and ordinal of the entry that tells of it
-- Returns      generation ('' where nothing is loaded), then for each change: version, cursor (of who went: before)
local generation = redis.call('HGET', KEYS[1], '_g')
if not generation then return { '' } end
local known = tonumber(redis.call('HGET', KEYS[1], '_m'))
if known >= tonumber(ARGV[2]) then return { '' } end
if known ~= tonumber(ARGV[1]) then
  redis.call('DEL', KEYS[1])
  return { '' }
end
local out = { generation }
for i = 3, #ARGV, 4 do
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
redis.call('HSET', KEYS[1], '_m', ARGV[2])
return out
