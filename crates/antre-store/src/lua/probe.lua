-- One paced request for the newest invoice, to try a key out: it holds no job, gives no sign of life, proves nothing.
-- KEYS[1]  antre:{A}:  prefix of the account's keys
-- ARGV[1]  fence: a fresh random id
-- ARGV[2+] field, value pairs of the asker's configuration: the pace where no worker has put settings in force yet
-- Replies  claimed, probe, fence_us, request_timeout_ms, [data], [[id, field, value, ...]]
--                                    the request may leave until fence_us from now and take so long at most
--          wait, wait_us, reason      a request is not allowed before
-- needs: base, pacer, clock, grant, pause, claiming
local fence, given, first = ARGV[1], ARGV, 2

if config.limits then
  follow_clock()
else
  for i = first, #given, 2 do config[given[i]] = given[i + 1] end
  for requests, window_us in string.gmatch(config.limits, '(%d+):(%d+)') do
    limits[#limits + 1] = { requests = tonumber(requests), window_us = tonumber(window_us) }
  end
end
if is_held() then return { 'wait', int(held_us()), 'paused' } end
local at, reason = earliest_us()
if at > now_us then return { 'wait', int(at - now_us), reason } end
take_grant(fence)
return claimed('probe', claim_probe(fence))
