-- What a new job is for its bill: the first one, a duplicate, a conflict, or one that looks again.
-- needs: base
local relations = {}

local function payers_differ(bill, entry)
  local both = false
  for _, kind in ipairs({ 'payer_email', 'payer_mobile' }) do
    if base.is_set(bill[kind]) and base.is_set(entry[kind]) then
      if bill[kind] == entry[kind] then return false end
      both = true
    end
  end
  return both
end

function relations.is_same_bill(bill, entry)
  return bill.amount == entry.amount and (bill.currency or '') == (entry.currency or '') and not payers_differ(bill, entry)
end

-- Bills of a test mode are unknown once a person has put a live key in force; every other bill stays known.
local function is_of_test(ctx, bill) return bill.mode ~= 'live' and ctx.settings.mode == 'live' end

-- Returns `new`, `duplicate`, `conflict`, `replacement`, or `recheck`: a done bill that is to be looked at again.
function relations.of(ctx, bill, entry)
  if not base.is_set(bill.job) or is_of_test(ctx, bill) then return 'new' end
  if bill.state ~= 'open' then
    local is_payable = bill.state == 'done' and not (base.is_set(bill.expires_at) and tonumber(bill.expires_at) <= ctx.now_ms)
    if not is_payable then return 'replacement' end
    if base.is_set(entry.check_first) then return 'recheck' end
  end
  return relations.is_same_bill(bill, entry) and 'duplicate' or 'conflict'
end

return relations
