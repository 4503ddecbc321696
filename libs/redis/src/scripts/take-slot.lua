-- Lets one message through, and then none for a while; the same one again as often as it comes.
-- KEYS[1]   string: id of the message that was let through, while the others have to wait
-- ARGV      id of the message, how long others wait in milliseconds; with 0 the message gives its slot back
-- Returns   how long this message has to wait, milliseconds; 0: not at all
local held = redis.call('GET', KEYS[1])
if tonumber(ARGV[2]) == 0 then
  if held == ARGV[1] then redis.call('DEL', KEYS[1]) end
  return 0
end
if held == false then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 0
end
if held == ARGV[1] then return 0 end
return math.max(redis.call('PTTL', KEYS[1]), 1)
