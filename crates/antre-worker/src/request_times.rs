//! How long this worker's latest requests took: for whoever decides how many workers are of use.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Requests that are looked at.
const LATEST: usize = 200;
/// How often it is written to Redis at most.
const PERIOD: Duration = Duration::from_mins(1);

/// The latest requests that were answered, and when they were last written to Redis.
#[derive(Debug, Default)]
pub(crate) struct RequestTimes(Mutex<Times>);

#[derive(Debug, Default)]
struct Times {
    latest: VecDeque<Duration>,
    /// Whether one was answered since the last writing.
    is_new: bool,
    written: Option<Instant>,
}

impl RequestTimes {
    /// Notes a request that was answered after this time.
    pub(crate) fn note(&self, took: Duration) {
        let mut times = self.times();
        if times.latest.len() == LATEST {
            times.latest.pop_front();
        }
        times.latest.push_back(took);
        times.is_new = true;
    }

    /// Returns what 95 of 100 requests did not exceed, when it is to be written: at once for the first, then once a
    /// minute while requests are answered.
    pub(crate) fn due(&self, now: Instant) -> Option<Duration> {
        let mut times = self.times();
        let is_early = times.written.is_some_and(|at| now.duration_since(at) < PERIOD);
        if is_early || !times.is_new {
            return None;
        }
        times.written = Some(now);
        times.take()
    }

    /// Returns the same without waiting for the minute, if it was not written since the last answer.
    pub(crate) fn unwritten(&self) -> Option<Duration> {
        let mut times = self.times();
        if times.is_new { times.take() } else { None }
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Times {
    fn take(&mut self) -> Option<Duration> {
        self.is_new = false;
        p95(self.latest.iter().copied().collect())
    }
}

/// Returns the smallest that at least 95 of 100 do not exceed (nearest rank).
fn p95(mut times: Vec<Duration>) -> Option<Duration> {
    times.sort_unstable();
    let rank = (times.len() * 95).div_ceil(100);
    times.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests;
