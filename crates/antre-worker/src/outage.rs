//! Saying once that something is broken, now and then that it still is, and once that it works again.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

const REPEAT: Duration = Duration::from_secs(30);
/// Another reason is news, but no more than once in this time.
const NEWS: Duration = Duration::from_secs(1);

/// One thing that may break for a while, for one account or for a whole process.
#[derive(Debug)]
pub(crate) struct Outage {
    what: &'static str,
    state: Mutex<Option<State>>,
}

#[derive(Debug, Clone)]
struct State {
    since: Instant,
    said: Instant,
    said_reason: String,
    reason: String,
}

impl Outage {
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what, state: Mutex::new(None) }
    }

    /// Notes a failure for `account`; logs the first and one each 30 s.
    pub(crate) fn failed(&self, account: &str, error: &impl std::fmt::Display) {
        self.note(Some(account), error.to_string(), false);
    }

    /// Notes a failure for the whole process; logs the first, each other reason and one each 30 s.
    pub(crate) fn failed_for_all(&self, error: &impl std::fmt::Display) {
        self.note(None, error.to_string(), true);
    }

    /// Notes that it works for `account`; logs the end of an outage.
    pub(crate) fn works(&self, account: &str) {
        self.end(Some(account));
    }

    /// Notes that it works for the whole process; logs the end of an outage.
    pub(crate) fn works_for_all(&self) {
        self.end(None);
    }

    /// Forgets an outage whose end nobody can see, without a word.
    pub(crate) fn forget(&self) {
        self.state().take();
    }

    /// Returns whether it is broken.
    pub(crate) fn is_on(&self) -> bool {
        self.state().is_some()
    }

    /// Returns why it is broken, as it was last seen, in the words of the error; `None` while it works.
    pub(crate) fn reason(&self) -> Option<String> {
        self.state().as_ref().map(|state| state.reason.clone())
    }

    /// The same once it has been broken for so long.
    pub(crate) fn reason_after(&self, least: Duration) -> Option<String> {
        let state = self.state();
        let lasting = state.as_ref().filter(|state| state.since.elapsed() >= least);
        lasting.map(|state| state.reason.clone())
    }

    fn note(&self, account: Option<&str>, reason: String, is_reason_news: bool) {
        let mut state = self.state();
        let now = Instant::now();
        let since = state.as_ref().map_or(now, |state| state.since);
        if let Some(state) = state.as_mut() {
            let silent_for = now - state.said;
            let is_news = is_reason_news && reason != state.said_reason && silent_for >= NEWS;
            if silent_for < REPEAT && !is_news {
                state.reason = reason;
                return;
            }
        }
        let since_s = since.elapsed().as_secs();
        tracing::warn!(account, since_s, error = %reason, "{} does not work", self.what);
        *state = Some(State { since, said: now, said_reason: reason.clone(), reason });
    }

    fn end(&self, account: Option<&str>) {
        let ended = self.state().take();
        if let Some(state) = ended {
            let duration_s = state.since.elapsed().as_secs();
            tracing::info!(account, duration_s, "{} works again", self.what);
        }
    }

    fn state(&self) -> MutexGuard<'_, Option<State>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
