//! Saying once that something is broken, now and then that it still is, and once that it works again.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const REPEAT: Duration = Duration::from_secs(30);

/// One thing that may break for a while.
#[derive(Debug)]
pub(crate) struct Outage {
    what: &'static str,
    state: Mutex<Option<State>>,
}

#[derive(Debug, Clone, Copy)]
struct State {
    since: Instant,
    said: Instant,
}

impl Outage {
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what, state: Mutex::new(None) }
    }

    /// Notes a failure; logs the first and one each 30 s.
    pub(crate) fn failed(&self, account: &str, error: &impl std::fmt::Display) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let since = state.map_or(now, |state| state.since);
        if state.is_some_and(|state| now - state.said < REPEAT) {
            return;
        }
        *state = Some(State { since, said: now });
        tracing::warn!(account, what = self.what, since_s = since.elapsed().as_secs(), %error, "does not work");
    }

    /// Notes that it works; logs the end of an outage.
    pub(crate) fn works(&self, account: &str) {
        let ended = self.state.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(state) = ended {
            let duration_s = state.since.elapsed().as_secs();
            tracing::info!(account, what = self.what, duration_s, "works again");
        }
    }

    /// Returns whether it is broken.
    pub(crate) fn is_on(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

/// Growing waits between tries, from 100 ms to a second.
#[derive(Debug, Default)]
pub(crate) struct Backoff(u32);

impl Backoff {
    /// Returns the next wait.
    pub(crate) fn next(&mut self) -> Duration {
        self.0 = (self.0 + 1).min(5);
        Duration::from_millis(u64::from(50 * 2_u32.pow(self.0))).min(Duration::from_secs(1))
    }

    /// Begins anew.
    pub(crate) fn reset(&mut self) {
        self.0 = 0;
    }
}

#[cfg(test)]
mod tests;
