-- What people must hear of for a while.
-- needs: base
local notices = {}

-- By code: when last, since when, how often, and what of. Ten minutes without
-- it end a row of them.
local notice_row_ms = 10 * 60 * 1000
function notices.tell(ctx, code, detail)
  local last, since, times = string.match(redis.call('HGET', ctx.key('notices'), code) or '', '^(%d+) (%d+) (%d+)')
  if not last or ctx.now_ms - tonumber(last) > notice_row_ms then since, times = base.int(ctx.now_ms), 0 end
  redis.call('HSET', ctx.key('notices'), code, table.concat({ base.int(ctx.now_ms), since, base.int(tonumber(times) + 1), detail }, ' '))
end

return notices
