//! How long a job submitted now waits: one piece of arithmetic.

use std::time::Duration;

use antre_core::limit::{Limit, Limits};
use antre_store::status::Status;

use crate::obstacle::is_standstill;

/// Returns the seconds, rounded up, until a normal job submitted now is sent; `None` while nobody knows, because
/// nothing is sent until something happens: a person resumes, a breaker closes, a worker starts.
///
/// What must pass first: a limited pause, the wait for the next request, and one request for each job
/// ahead, at the pace and within every longer limit. Ahead are the inbox, all normal jobs, and those
/// high and low ones that win by their head start. Failed creates and look-ups to come are not foreseen.
pub fn estimated_wait(status: &Status) -> Option<u64> {
    let [ahead_high, ahead_low] = status.ahead;
    let [_, normal, _] = status.waiting;
    estimated_wait_behind(status, status.inbox + ahead_high + normal + ahead_low)
}

/// Returns the same for a job that has this many before it.
pub fn estimated_wait_behind(status: &Status, ahead: u64) -> Option<u64> {
    if is_standstill(status) {
        return None;
    }
    let wait = status.wait.max(pause_left(status)) + time_for(ahead, status);
    Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

fn pause_left(status: &Status) -> Duration {
    let until_ms = status.pause.as_ref().and_then(|pause| pause.until_ms);
    Duration::from_millis(until_ms.unwrap_or_default().saturating_sub(status.now_ms))
}

/// Returns how long `jobs` requests take: their pace, or what the tightest limit makes of it.
fn time_for(jobs: u64, status: &Status) -> Duration {
    let times = |duration: Duration, count: u64| {
        duration.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX))
    };
    let within = |limit: Limit| {
        let requests = u64::from(limit.requests());
        times(limit.window(), jobs / requests) + times(status.interval, jobs % requests)
    };
    let limits = status.in_force.iter().filter_map(|in_force| in_force.limits.as_ref());
    limits.flat_map(Limits::iter).map(within).fold(times(status.interval, jobs), Duration::max)
}

#[cfg(test)]
mod tests;
