-- The replies of a claim that was granted. `claimer`: fence, worker, fingerprint, mode, seen, held.
-- needs: base, pacer, identity, judge, charge, grant, pause
local function claimed(kind, data, record)
  return { 'claimed', kind, int(fence_us()), int(setting('request_timeout_ms')), data, record }
end

-- Nothing but one paced request that shows whose the key is. `claimer`: fence, worker, fingerprint, mode.
local function identify(claimer)
  local stranger = read_stranger(claimer.fingerprint) or { since = now_ms, reason = 'unproven' }
  stranger.worker, stranger.mode, stranger.seen = claimer.worker, claimer.mode, now_ms
  local ask_ms = tonumber(stranger.ask) or 0
  -- One that lies further ahead was set by another clock.
  if ask_ms > now_ms and ask_ms <= now_ms + ask_max_ms then
    write_stranger(claimer.fingerprint, stranger)
    return { 'stranger', int((ask_ms - now_ms) * 1000), stranger.reason }
  end
  local at = is_held() and now_us + held_us() or earliest_us()
  if at > now_us then return { 'stranger', int(at - now_us), stranger.reason } end
  take_grant(claimer.fence)
  stranger.ask = now_ms + setting('breaker_probe_ms')
  write_stranger(claimer.fingerprint, stranger)
  return claimed('probe', claim_probe(claimer.fence))
end

local function claim(candidate, claimer)
  if candidate.kind == 'probe' then return claimed('probe', claim_probe(claimer.fence)) end
  if candidate.kind == 'chore' then return claimed('chore', claim_chore(candidate.id, claimer.fence, claimer.worker)) end
  recheck(candidate.id, candidate.meta)
  return claimed('job', claim_job(candidate.id, candidate.meta, claimer))
end
