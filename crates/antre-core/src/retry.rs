//! How long a job waits before it is tried again.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::duration_text::{self, DurationText};

/// The most delays a schedule may name, as many as a job may have retries.
pub const MAX_DELAYS: usize = 25;
/// The longest delay.
pub const MAX_DELAY: Duration = Duration::from_hours(24);
/// Retries of a job that names no number of its own.
pub const DEFAULT_MAX_RETRIES: u32 = 3;

/// The waits before the first, second, … retry; the last one repeats. Defaults to 1 s, 2 s, 4 s.
///
/// JSON and TOML hold a list of texts; one text has commas: `1s,2s,4s`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "Vec<String>", try_from = "Vec<String>")]
pub struct RetrySchedule {
    earlier: Vec<Duration>,
    last: Duration,
}

/// Why a text is no retry schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RetryError {
    /// A part is no duration.
    #[error("is not a list of delays; write durations with commas such as 1s,2s,4s")]
    Syntax,
    /// A delay is 0 or more than [`MAX_DELAY`].
    #[error("must have delays of 1ms to 24h")]
    Delay,
    /// No delay was given.
    #[error("must name at least one delay such as 1s")]
    None,
    /// More than [`MAX_DELAYS`] delays were given.
    #[error("must name at most 25 delays")]
    TooMany,
}

impl RetrySchedule {
    /// Returns the schedule of these delays, which are cut to whole milliseconds when shown.
    ///
    /// # Errors
    /// Each variant but [`RetryError::Syntax`].
    pub fn new(delays: impl IntoIterator<Item = Duration>) -> Result<Self, RetryError> {
        let mut delays: Vec<_> = delays.into_iter().take(MAX_DELAYS + 1).collect();
        if delays.len() > MAX_DELAYS {
            return Err(RetryError::TooMany);
        }
        if delays.iter().any(|delay| !(Duration::from_millis(1)..=MAX_DELAY).contains(delay)) {
            return Err(RetryError::Delay);
        }
        let last = delays.pop().ok_or(RetryError::None)?;
        Ok(Self { earlier: delays, last })
    }

    /// Returns the wait before retry number `retry` (from 1), without jitter: 1 s, 2 s, 4 s, then 4 s.
    ///
    /// Retry 0 waits as long as retry 1.
    pub fn delay(&self, retry: u32) -> Duration {
        let index = usize::try_from(retry.saturating_sub(1)).unwrap_or(usize::MAX);
        self.earlier.get(index).copied().unwrap_or(self.last)
    }

    /// Returns the named delays in order; further retries wait as long as the last.
    pub fn delays(&self) -> impl Iterator<Item = Duration> + '_ {
        self.earlier.iter().copied().chain(std::iter::once(self.last))
    }
}

impl Default for RetrySchedule {
    fn default() -> Self {
        Self {
            earlier: vec![Duration::from_secs(1), Duration::from_secs(2)],
            last: Duration::from_secs(4),
        }
    }
}

fn parse_all<'a>(delays: impl Iterator<Item = &'a str>) -> Result<RetrySchedule, RetryError> {
    let delays: Result<Vec<_>, _> = delays
        .take(MAX_DELAYS + 1)
        .map(|delay| duration_text::parse(delay).map_err(|_| RetryError::Syntax))
        .collect();
    RetrySchedule::new(delays?)
}

impl FromStr for RetrySchedule {
    type Err = RetryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() {
            return Err(RetryError::None);
        }
        parse_all(text.split(','))
    }
}

impl fmt::Display for RetrySchedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.earlier.iter().try_for_each(|delay| write!(formatter, "{},", DurationText(*delay)))?;
        write!(formatter, "{}", DurationText(self.last))
    }
}

impl From<RetrySchedule> for Vec<String> {
    fn from(schedule: RetrySchedule) -> Self {
        schedule.delays().map(|delay| DurationText(delay).to_string()).collect()
    }
}

impl TryFrom<Vec<String>> for RetrySchedule {
    type Error = RetryError;

    fn try_from(delays: Vec<String>) -> Result<Self, Self::Error> {
        parse_all(delays.iter().map(String::as_str))
    }
}

#[cfg(test)]
mod tests;
