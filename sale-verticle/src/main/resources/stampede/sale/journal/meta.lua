-- Write what all nodes must agree on, once, and tell what is written.
-- KEYS meta   ARGV format, cluster id, partition count
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'format', ARGV[1], 'cluster', ARGV[2], 'partitions', ARGV[3])
end
local meta = redis.call('HMGET', KEYS[1], 'format', 'cluster', 'partitions')
return {meta[1] or '', meta[2] or '', meta[3] or ''}
