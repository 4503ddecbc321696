-- Moves read cursors forward; those that are further already stay.
-- KEYS[1]      sorted set of rooms with cursors that the database does not have yet: when they are to be written
-- KEYS[2i]     hash of a room's cursors: person -> "seq ordinal"; _g generation, _v version, _m members' seq,
--              _e history epoch, _r the run of the server that they were loaded in
-- KEYS[2i+1]   hash of the same room's cursors that the database does not have yet
-- ARGV[1]      milliseconds until what is moved now is written
-- ARGV[2]      the run of this server: what an earlier one had loaded may be older than the database
-- ARGV[..]     for each room: its id, how many, and for each of these: person, seq, ordinal
-- Returns      for each room: generation ('' where its cursors are not loaded), then for each person:
--              version (0: not moved, -1: no member or not loaded), from, seq, ordinal
local t = redis.call('TIME')
local due = t[1] * 1000 + math.floor(t[2] / 1000) + tonumber(ARGV[1])
local out = {}
local a = 3
for i = 1, (#KEYS - 1) / 2 do
  local cursors, dirty = KEYS[2 * i], KEYS[2 * i + 1]
  local room, count = ARGV[a], tonumber(ARGV[a + 1])
  local meta = redis.call('HMGET', cursors, '_g', '_r')
  local generation = meta[2] == ARGV[2] and meta[1]
  local answer = { generation or '' }
  local moved = false
  a = a + 2
  for _ = 1, count do
    local person, seq, ordinal = ARGV[a], ARGV[a + 1], ARGV[a + 2]
    a = a + 3
    local known = generation and redis.call('HGET', cursors, person)
    if not known then
      answer[#answer + 1] = { -1, 0, 0, 0 }
    else
      local from, read = string.match(known, '(%d+) (%d+)')
      if tonumber(seq) > tonumber(from) then
        local value = seq .. ' ' .. ordinal
        redis.call('HSET', cursors, person, value)
        redis.call('HSET', dirty, person, value)
        moved = true
        local version = redis.call('HINCRBY', cursors, '_v', 1)
        answer[#answer + 1] = { version, tonumber(from), tonumber(seq), tonumber(ordinal) }
      else
        answer[#answer + 1] = { 0, tonumber(from), tonumber(from), tonumber(read) }
      end
    end
  end
  if moved then redis.call('ZADD', KEYS[1], 'NX', due, room) end
  out[i] = answer
end
return out
