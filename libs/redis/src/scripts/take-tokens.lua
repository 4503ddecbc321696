-- Takes one token from each of many buckets (GCRA: a bucket is the time at which it would be full again).
-- KEYS[i]        bucket; holds that time in microseconds, expires when full
-- ARGV[2i-1]     microseconds per token
-- ARGV[2i]       tokens a full bucket holds
-- Returns        for each key in turn: 0 when taken, else the milliseconds until one can be
-- A key may appear more than once: its takes are decided one after the other.
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local answers = {}
for i, key in ipairs(KEYS) do
  local interval = tonumber(ARGV[2 * i - 1])
  local burst = tonumber(ARGV[2 * i])
  local full = tonumber(redis.call('GET', key) or now)
  if full < now then full = now end
  local after = full + interval
  local early = after - now - interval * burst
  if early > 0 then
    answers[i] = math.ceil(early / 1000)
  else
    redis.call('SET', key, string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
    answers[i] = 0
  end
end
return answers
