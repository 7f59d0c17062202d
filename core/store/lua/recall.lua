-- The claims made under a token base, for a worker that lost the reply of its claim. ARGV: token base. Returns claims as claim.lua does.
local base, claims = ARGV[1], {}
for _, member in ipairs(redis.call('ZRANGE', 'ms:sending', 0, -1)) do
  local jid, token = string.match(member, '^(.-)|(.+)$')
  if string.sub(token, 1, #base) == base then
    local id, attempt = split_job(jid)
    local bid, code, index = split_id(id)
    local row = read_row(bid, code, index)
    local list = redis.call('HGET', meta_key(bid), 'list')
    if list and row and row.code == 'g' and row.token == token then
      local address = redis.call('HGET', 'ms:a:' .. list .. ':' .. code .. ':' .. math.floor(index / CHUNK), index % CHUNK)
      claims[#claims + 1] = {id, attempt, row.tries, token, address}
    end
  end
end
return claims
