-- Appends entries to a stream and trims it by length.
-- KEYS[1]      the stream
-- ARGV[1]      about how many entries it keeps
-- ARGV[i]      the text of an entry
-- Returns      how many were appended
for i = 2, #ARGV do
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'event', ARGV[i])
end
return #ARGV - 1
