-- What follows from the leases of each person.
-- KEYS         as in renew-presence.lua
-- Returns      for each person: {0 offline, 1 away, 2 online; when last seen, 0 if unknown}
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local answers = {}
for i = 1, #KEYS / 2 do
  local status = 0
  for _, connection in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2 * i - 1], now, '+inf')) do
    if string.sub(connection, 1, 1) == 'a' then
      status = 2
      break
    end
    status = 1
  end
  answers[i] = { status, tonumber(redis.call('GET', KEYS[2 * i]) or 0) }
end
return answers
