-- Let go of the entries before the one that holds a position, which stays; tell where the log begins.
-- Does nothing when they are gone already.   KEYS own, log   ARGV epoch, nonce, position
local own = redis.call('HMGET', KEYS[1], 'epoch', 'nonce')
if own[1] ~= ARGV[1] or own[2] ~= ARGV[2] then
  return {'FENCED', own[1] or '0'}
end
local kept = redis.call('XREVRANGE', KEYS[2], ARGV[3] .. '-0', '-', 'COUNT', 1)[1]
if kept then
  redis.call('XTRIM', KEYS[2], 'MINID', '=', kept[1])
end
local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
return {'OK', first and string.match(first[1], '^%d+') or '0'}
