-- Loads the cursors of a room as the database has them, with what Redis knows better on top. In parts, for a large room
-- has more members than one call takes; they count once the last part has come.
-- KEYS[1]      hash of the room's cursors
-- KEYS[2]      hash of those that the database does not have yet
-- KEYS[3]      hash that the parts are gathered in
-- KEYS[4]      how often cursors of the room were settled: what was settled since the database was read is in neither
-- ARGV[1]      'part' or 'last'
-- ARGV[2]      the run of this server
-- ARGV[3]      generation, new with each fill
-- ARGV[4]      newest entry that changed who is a member, as it was read; ARGV[5] the history epoch
-- ARGV[6]      milliseconds that the cursors are kept
-- ARGV[7]      KEYS[4] as it was before the database was read
-- ARGV[..]     for each member: person, seq, ordinal
-- Returns      1; 0 where what is loaded already is as new; -1: read the database once more
local meta = redis.call('HMGET', KEYS[1], '_m', '_r', '_e')
local current = meta[2] == ARGV[2] and meta[3] == ARGV[5]
if current and tonumber(meta[1]) >= tonumber(ARGV[4]) then
  redis.call('DEL', KEYS[3])
  return 0
end
local function further(value, seq)
  local known = value and string.match(value, '%d+')
  return known and tonumber(known) > tonumber(seq)
end
for i = 8, #ARGV, 3 do
  local value, seq = ARGV[i + 1] .. ' ' .. ARGV[i + 2], ARGV[i + 1]
  local loaded = current and redis.call('HGET', KEYS[1], ARGV[i])
  if further(loaded, seq) then value, seq = loaded, string.match(loaded, '%d+') end
  local unwritten = redis.call('HGET', KEYS[2], ARGV[i])
  if further(unwritten, seq) then value = unwritten end
  redis.call('HSET', KEYS[3], ARGV[i], value)
end
redis.call('PEXPIRE', KEYS[3], 60000)
if ARGV[1] == 'part' then return 1 end
if (redis.call('GET', KEYS[4]) or '0') ~= ARGV[7] then
  redis.call('DEL', KEYS[3])
  return -1
end
local unwritten = redis.call('HGETALL', KEYS[2])
for i = 1, #unwritten, 2 do
  local gathered = redis.call('HGET', KEYS[3], unwritten[i])
  if gathered and further(unwritten[i + 1], string.match(gathered, '%d+')) then
    redis.call('HSET', KEYS[3], unwritten[i], unwritten[i + 1])
  end
end
redis.call('HSET', KEYS[3], '_g', ARGV[3], '_v', 0, '_m', ARGV[4], '_e', ARGV[5], '_r', ARGV[2])
redis.call('RENAME', KEYS[3], KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return 1
