//! Growing waits of a process between its tries. Those of a job are in [`crate::retry`].

use std::time::Duration;

/// Waits that double up to a longest one. By default from 100 ms to a second, as for a server that is away.
///
/// # Examples
/// ```
/// use std::time::Duration;
///
/// use antre_core::backoff::Backoff;
///
/// let mut backoff = Backoff::default();
/// assert_eq!(backoff.next(), Duration::from_millis(100));
/// assert_eq!(backoff.next(), Duration::from_millis(200));
/// ```
#[derive(Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    /// Returns waits that begin with `first` and end with `longest`.
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, next: first }
    }

    /// Returns the wait before the next try.
    #[expect(clippy::should_implement_trait, reason = "waits never end, so they are no iterator")]
    pub fn next(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(self.longest);
        wait
    }

    /// Begins anew, after a success.
    pub fn reset(&mut self) {
        self.next = self.first;
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new(Duration::from_millis(100), Duration::from_secs(1))
    }
}

#[cfg(test)]
mod tests;
