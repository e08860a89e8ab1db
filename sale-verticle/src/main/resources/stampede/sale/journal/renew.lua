-- Extend the lease of the owner.   KEYS own   ARGV epoch, nonce
local own = redis.call('HMGET', KEYS[1], 'epoch', 'nonce', 'leaseMs')
if own[1] ~= ARGV[1] or own[2] ~= ARGV[2] then
  return {'FENCED', own[1] or '0'}
end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
-- With its memory full Redis refuses HSET, but only as the first write of a script. PERSIST changes
-- nothing and is never refused, so that an owner keeps its lease while the store is full.
redis.call('PERSIST', KEYS[1])
redis.call('HSET', KEYS[1], 'leaseUntil', string.format('%.0f', now + tonumber(own[3])))
return {'OK', string.format('%.0f', now)}
