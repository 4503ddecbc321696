-- Takes one token from each of many buckets (GCRA: a bucket is the time at which it would be full again).
-- KEYS[i]        bucket; holds that time in microseconds, expires when full
-- ARGV           for each run of keys with one rate: how many keys, microseconds per token, tokens a full bucket holds,
--                how many more to take ahead
-- Returns        for each key in turn: the milliseconds until a token can be taken, or, when it was, 0 less the tokens
--                that were taken ahead
-- A key may appear more than once: its takes are decided one after the other.
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local answers = {}
local i = 0
for run = 1, #ARGV, 4 do
  local interval = tonumber(ARGV[run + 1])
  local burst = tonumber(ARGV[run + 2])
  local ahead = tonumber(ARGV[run + 3])
  for _ = 1, tonumber(ARGV[run]) do
    i = i + 1
    local full = tonumber(redis.call('GET', KEYS[i]) or now)
    if full < now then full = now end
    local after = full + interval
    local early = after - now - interval * burst
    if early > 0 then
      answers[i] = math.ceil(early / 1000)
    else
      local more = math.min(ahead, math.floor(-early / interval))
      after = after + more * interval
      redis.call('SET', KEYS[i], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
      answers[i] = -more
    end
  end
end
return answers
