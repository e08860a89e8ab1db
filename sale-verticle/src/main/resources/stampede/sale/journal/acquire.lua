-- Become the owner of a partition. One atomic step; writes nothing unless it answers OK.
-- KEYS own, log   ARGV node, nonce, expected epoch, the epoch after it, lease ms
-- Epochs, nonces and batches are compared as text: Lua's numbers lose digits above 2^53.
local own = redis.call('HMGET', KEYS[1],
  'epoch', 'nonce', 'node', 'position', 'lastBatch', 'leaseUntil', 'leaseMs', 'released')
local epoch, position, batch = own[1] or '0', own[4] or '0', own[5] or '0'
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

-- The record must end where the log ends: with either of the two lost, going on would lose orders.
local final = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
if not final then
  if position ~= '0' then
    return {'DAMAGED', 'the log is empty, the record says position ' .. position}
  end
elseif not own[1] then
  return {'DAMAGED', 'the log ends with entry ' .. final[1] .. ', but there is no record'}
else
  local fields = {}
  for i = 1, #final[2], 2 do fields[final[2][i]] = final[2][i + 1] end
  local first, count = tonumber(string.match(final[1], '^(%d+)%-0$')), tonumber(fields.n)
  if not first or not count or first + count - 1 ~= tonumber(position) or fields.b ~= batch then
    return {'DAMAGED', 'the log ends with entry ' .. final[1] .. ' of ' .. tostring(fields.n)
      .. ' events, batch ' .. tostring(fields.b) .. ', the record says position ' .. position
      .. ', batch ' .. batch}
  end
end

local again = own[2] == ARGV[2] and epoch == ARGV[4]
if not again then
  if epoch ~= ARGV[3] then
    return {'LOST', epoch}
  end
  local remaining = tonumber(own[6] or '0') - now
  -- A lease further away than it was given for comes from a clock that stepped back since.
  if own[3] ~= ARGV[1] and remaining > 0 and remaining <= tonumber(own[7] or '0') then
    return {'HELD', string.format('%.0f', remaining), epoch, own[3]}
  end
end
-- "released" stays as it is until this owner's first append: it tells how the last epoch with
-- events ended.
redis.call('HSET', KEYS[1], 'epoch', ARGV[4], 'nonce', ARGV[2], 'node', ARGV[1],
  'position', position, 'lastBatch', batch, 'leaseMs', ARGV[5],
  'leaseUntil', string.format('%.0f', now + tonumber(ARGV[5])))
return {'OK', ARGV[4], position, string.format('%.0f', now), batch, own[8] or '0'}
