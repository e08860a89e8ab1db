-- Who owns a partition, by the store's own clock. Reads only.   KEYS own
local own = redis.call('HMGET', KEYS[1],
  'epoch', 'nonce', 'node', 'position', 'leaseUntil', 'leaseMs')
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local remaining = tonumber(own[5] or '0') - now
if remaining > tonumber(own[6] or '0') then
  remaining = 0 -- further away than it was given for: the clock stepped back
end
return {own[1] or '0', own[2] or '0', own[3] or '', own[4] or '0',
  string.format('%.0f', math.max(remaining, 0)), string.format('%.0f', now)}
