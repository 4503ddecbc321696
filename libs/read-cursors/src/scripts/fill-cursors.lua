-- Loads all cursors of a room as the database has them, with what it does not have yet on top.
-- KEYS[1]      hash of the room's cursors
-- KEYS[2]      hash of those that the database does not have yet
-- ARGV[1]      generation, new with each fill
-- ARGV[2]      newest entry that changed who is a member, as it was read
-- ARGV[3]      milliseconds that the cursors are kept
-- ARGV[..]     for each member: person, seq, ordinal
-- Returns      1, or 0 where what is loaded already is as new
local known = redis.call('HGET', KEYS[1], '_m')
if known and tonumber(known) >= tonumber(ARGV[2]) then return 0 end
redis.call('DEL', KEYS[1])
for i = 4, #ARGV, 3 do
  local seq, ordinal = ARGV[i + 1], ARGV[i + 2]
  local unwritten = redis.call('HGET', KEYS[2], ARGV[i])
  if unwritten then
    local further, read = string.match(unwritten, '(%d+) (%d+)')
    if tonumber(further) > tonumber(seq) then seq, ordinal = further, read end
  end
  redis.call('HSET', KEYS[1], ARGV[i], seq .. ' ' .. ordinal)
end
redis.call('HSET', KEYS[1], '_g', ARGV[1], '_v', 0, '_m', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
