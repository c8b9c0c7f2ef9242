/**
 * The store's steps. KEYS[1]: expiry by entry (sorted set), KEYS[2]: bytes by entry (hash; member `*` their sum). A transaction is the hash
 * `{prefix}t:{id}`, its hashed secrets lead to its id. All keys carry one hash tag, so that in a cluster they live together. Times are the caller's;
 * only `PEXPIRE` counts by the server's clock, and only to clear away what nobody came back for.
 */

const ROOM = `
local live, sizes = KEYS[1], KEYS[2]
local prefix, at, grace, maxEntries, maxBytes, longest =
  ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local function forget(entry)
  redis.call('ZREM', live, entry)
  local size = redis.call('HGET', sizes, entry)
  if size then
    redis.call('HINCRBY', sizes, '*', -tonumber(size))
    redis.call('HDEL', sizes, entry)
  end
  local key = prefix .. entry
  if string.sub(entry, 1, 2) == 't:' then
    local secrets = redis.call('HMGET', key, 'ticket', 'answerHash', 'returnHash')
    if secrets[1] then redis.call('DEL', prefix .. 'k:' .. secrets[1]) end
    if secrets[2] then redis.call('DEL', prefix .. 'a:' .. secrets[2]) end
    if secrets[3] then redis.call('DEL', prefix .. 'r:' .. secrets[3]) end
  end
  redis.call('DEL', key)
end
local function sweep(before)
  for _, entry in ipairs(redis.call('ZRANGEBYSCORE', live, '-inf', before)) do forget(entry) end
end
local function fits(cost, entries)
  local used = tonumber(redis.call('HGET', sizes, '*') or '0')
  return redis.call('ZCARD', live) + entries <= maxEntries and used + cost <= maxBytes
end
local function room(cost, entries)
  sweep(at - grace)
  if fits(cost, entries) then return true end
  sweep(at)
  return fits(cost, entries)
end
local function charge(entry, cost)
  redis.call('HINCRBY', sizes, '*', cost)
  redis.call('HINCRBY', sizes, entry, cost)
  redis.call('PEXPIRE', sizes, longest)
  redis.call('PEXPIRE', live, longest)
end
`;

/** Whether the transaction lives and is in the state asked for. */
const LIVES = `
local function lives(key, at, state)
  local found = redis.call('HMGET', key, 'expiresAt', 'state')
  return found[1] and tonumber(found[1]) > tonumber(at) and (state == nil or found[2] == state)
end
`;

/** Everything of a hash, as name, value, name, value. */
export const CREATE: string = `${ROOM}
local id, ticket, expiresAt, bytes, ttl, matches, fixed, content =
  ARGV[7], ARGV[8], ARGV[9], tonumber(ARGV[10]), ARGV[11], ARGV[12], ARGV[13], ARGV[14]
local key, ticketKey = prefix .. 't:' .. id, prefix .. 'k:' .. ticket
if not room(bytes, 1) then return 'full' end
if redis.call('EXISTS', key, ticketKey) > 0 then return 'exists' end
redis.call('HSET', key, 'id', id, 'ticket', ticket, 'state', 'pending', 'version', 1, 'matchesLeft', matches, 'returned', 0,
  'expiresAt', expiresAt, 'fixed', fixed, 'content', content)
redis.call('PEXPIRE', key, ttl)
redis.call('SET', ticketKey, id, 'PX', ttl)
redis.call('ZADD', live, expiresAt, 't:' .. id)
charge('t:' .. id, bytes)
return 'created'
`;

/** ARGV: prefix, ticket, answer hash, return hash, at */
export const OPEN: string = `${LIVES}
local prefix = ARGV[1]
local id = redis.call('GET', KEYS[1])
if not id then return nil end
local key = prefix .. 't:' .. id
if not lives(key, ARGV[5], 'pending') then return nil end
local ttl = redis.call('PTTL', key)
redis.call('SET', prefix .. 'a:' .. ARGV[3], id, 'PX', ttl)
redis.call('SET', prefix .. 'r:' .. ARGV[4], id, 'PX', ttl)
redis.call('HSET', key, 'state', 'opened', 'answerHash', ARGV[3], 'returnHash', ARGV[4])
redis.call('HINCRBY', key, 'version', 1)
return redis.call('HGETALL', key)
`;

/** ARGV after the bounds: id, sealed answer */
export const PARK: string = `${ROOM}${LIVES}
local key = prefix .. 't:' .. ARGV[7]
if not lives(key, at) then return nil end
if redis.call('HGET', key, 'state') ~= 'opened' then return 'ignored' end
if not room(#ARGV[8], 0) then return 'full' end
redis.call('HSET', key, 'state', 'arrived', 'answer', ARGV[8])
redis.call('HINCRBY', key, 'version', 1)
charge('t:' .. ARGV[7], #ARGV[8])
return 'parked'
`;

/** KEYS[1]: a hashed secret; ARGV: prefix. The transaction it leads to. */
export const FOLLOW: string = `
local id = redis.call('GET', KEYS[1])
if not id then return nil end
return redis.call('HGETALL', ARGV[1] .. 't:' .. id)
`;

export const GET: string = `return redis.call('HGETALL', KEYS[1])`;

/** ARGV: at */
export const MARK_RETURNED: string = `${LIVES}
if not lives(KEYS[1], ARGV[1]) or redis.call('HGET', KEYS[1], 'returned') == '1' then return 0 end
redis.call('HSET', KEYS[1], 'returned', 1)
redis.call('HINCRBY', KEYS[1], 'version', 1)
return 1
`;

/** ARGV: at */
export const SPEND_MATCH: string = `${LIVES}
if not lives(KEYS[1], ARGV[1], 'arrived') or tonumber(redis.call('HGET', KEYS[1], 'matchesLeft')) < 1 then return nil end
return redis.call('HINCRBY', KEYS[1], 'matchesLeft', -1)
`;

/** ARGV: at */
export const CONSUME: string = `${LIVES}
if not lives(KEYS[1], ARGV[1], 'arrived') then return nil end
redis.call('HSET', KEYS[1], 'state', 'completing')
redis.call('HINCRBY', KEYS[1], 'version', 1)
return redis.call('HGETALL', KEYS[1])
`;

/** KEYS[1]: transaction, KEYS[2]: sizes; ARGV: entry, sealed outcome */
export const FINISH: string = `
if redis.call('HGET', KEYS[1], 'state') ~= 'completing' then return 0 end
local freed = redis.call('HSTRLEN', KEYS[1], 'content') + redis.call('HSTRLEN', KEYS[1], 'answer')
redis.call('HDEL', KEYS[1], 'content', 'answer')
redis.call('HSET', KEYS[1], 'state', 'done', 'outcome', ARGV[2])
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HINCRBY', KEYS[2], '*', #ARGV[2] - freed)
redis.call('HINCRBY', KEYS[2], ARGV[1], #ARGV[2] - freed)
return 1
`;

/** ARGV after the bounds: id */
export const CANCEL: string = `${ROOM}${LIVES}
local key = prefix .. 't:' .. ARGV[7]
local state = redis.call('HGET', key, 'state')
if not lives(key, at) or state == 'completing' or state == 'done' then return 0 end
forget('t:' .. ARGV[7])
return 1
`;

/** ARGV after the bounds: id, expiry, bytes, ttl, sealed */
export const KEEP_CEREMONY: string = `${ROOM}
local entry = 'c:' .. ARGV[7]
local bytes = tonumber(ARGV[9])
local before = tonumber(redis.call('HGET', sizes, entry) or '0')
if not room(bytes - before, before == 0 and 1 or 0) then return 'full' end
forget(entry)
redis.call('HSET', prefix .. entry, 'sealed', ARGV[11], 'expiresAt', ARGV[8])
redis.call('PEXPIRE', prefix .. entry, ARGV[10])
redis.call('ZADD', live, ARGV[8], entry)
charge(entry, bytes)
return 'kept'
`;

/** ARGV after the bounds: id */
export const TAKE_CEREMONY: string = `${ROOM}
local entry = 'c:' .. ARGV[7]
local found = redis.call('HMGET', prefix .. entry, 'sealed', 'expiresAt')
if not found[1] then return nil end
forget(entry)
if tonumber(found[2]) <= at then return nil end
return found[1]
`;

/** KEYS: transactions */
export const VERSIONS: string = `
local versions = {}
for i, key in ipairs(KEYS) do versions[i] = redis.call('HGET', key, 'version') or '' end
return versions
`;
