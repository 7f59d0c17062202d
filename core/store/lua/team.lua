-- Gives a person a role, or takes it away, if the actor is an owner and enough people are left. ms:staff is a hash: id ->
-- role given in the chat ('' = none), which overrules that of the settings,
-- owners of the settings excepted.
-- ARGV: actor's id, person's id, role or '', how many people who may approve must be left, then id and role of each person
-- in the settings. Returns {result, role before}; result: 'done', 'same', 'not_owner', 'last_owner', 'too_few'.
local by, person, role, approvers = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local set = {}
for place = 5, #ARGV, 2 do set[ARGV[place]] = ARGV[place + 1] end
local given = redis.call('HGETALL', 'ms:staff')

local function roles_with(changed)
  local roles, owners = {}, 0
  for id, one in pairs(set) do roles[id] = one end
  for place = 1, #given, 2 do
    if set[given[place]] ~= 'owner' then roles[given[place]] = given[place + 1] end
  end
  if changed then roles[person] = role end
  for _, one in pairs(roles) do if one == 'owner' then owners = owners + 1 end end
  return roles, owners
end

local before = roles_with(false)
if before[by] ~= 'owner' then return {'not_owner', ''} end
local was = before[person] or ''
if was == role then return {'same', was} end
local after, owners = roles_with(true)
if owners == 0 and was == 'owner' then return {'last_owner', was} end
local able = 0
for _, one in pairs(after) do if one == 'owner' or one == 'editor' then able = able + 1 end end
if able < approvers then return {'too_few', was} end
if (set[person] or '') == role then
  redis.call('HDEL', 'ms:staff', person)
else
  redis.call('HSET', 'ms:staff', person, role)
end
-- Requests for approval wait for those who may decide.
ring('approvals')
return {'done', was}
