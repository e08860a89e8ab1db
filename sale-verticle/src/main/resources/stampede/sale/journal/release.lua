-- Give the lease up, if it is still the caller's: 1, else 0.   KEYS own   ARGV epoch, nonce
local own = redis.call('HMGET', KEYS[1], 'epoch', 'nonce')
if own[1] ~= ARGV[1] or own[2] ~= ARGV[2] then
  return 0
end
redis.call('PERSIST', KEYS[1]) -- see renew.lua
redis.call('HSET', KEYS[1], 'leaseUntil', '0', 'released', '1')
return 1
