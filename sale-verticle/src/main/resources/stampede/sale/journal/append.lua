-- Add one entry to the log of a partition and move its end, or do nothing. Renews the lease.
-- KEYS own, log   ARGV epoch, nonce, first, count, batch, payload, crc
local own = redis.call('HMGET', KEYS[1], 'epoch', 'nonce', 'position', 'lastBatch', 'leaseMs')
if own[1] ~= ARGV[1] or own[2] ~= ARGV[2] then
  return {'FENCED', own[1] or '0'}
end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local time = string.format('%.0f', now)
local leaseUntil = string.format('%.0f', now + tonumber(own[5]))
-- Positions stay below 2^44, so arithmetic on them is exact.
local position, first = tonumber(own[3]), tonumber(ARGV[3])
local last = first + tonumber(ARGV[4]) - 1

-- The same batch number alone proves nothing: another epoch may have used it.
if ARGV[5] == own[4] and last == position then
  redis.call('PERSIST', KEYS[1]) -- see renew.lua
  redis.call('HSET', KEYS[1], 'leaseUntil', leaseUntil)
  return {'DUP', own[3], time}
end
if first ~= position + 1 then
  return {'GAP', own[3]}
end
-- First the entry: if it is refused (memory full, or the log already goes further), the script ends
-- here and nothing is written.
redis.call('XADD', KEYS[2], ARGV[3] .. '-0',
  'e', ARGV[1], 'n', ARGV[4], 'b', ARGV[5], 'p', ARGV[6], 'c', ARGV[7])
local ends = string.format('%.0f', last)
redis.call('HSET', KEYS[1],
  'position', ends, 'lastBatch', ARGV[5], 'leaseUntil', leaseUntil, 'released', '0')
return {'OK', ends, time}
