//! How many requests an account may send in how long a time.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::duration_text::{self, DurationText};

/// The most requests one limit may allow in its window.
pub const MAX_REQUESTS: u32 = 10_000;
/// The shortest window.
pub const MIN_WINDOW: Duration = Duration::from_millis(100);
/// The longest window.
pub const MAX_WINDOW: Duration = Duration::from_hours(24);
/// The most limits an account may have.
pub const MAX_LIMITS: usize = 4;

/// At most so many requests in any window of that length, written `2/1s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Limit {
    requests: u32,
    window: Duration,
}

/// One to four limits; all hold at once and the first sets the pace.
///
/// JSON and TOML hold a list of texts; one text has commas: `2/1s,60/1m`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "Vec<Limit>", try_from = "Vec<Limit>")]
pub struct Limits {
    first: Limit,
    others: Vec<Limit>,
}

/// Why a text is no limit or no set of limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitError {
    /// The text is not `<requests>/<window>`.
    #[error("is not a limit; write requests/window such as 2/1s or 60/1m (units ms, s, m, h)")]
    Syntax,
    /// The number of requests is 0 or more than [`MAX_REQUESTS`].
    #[error("must allow 1 to 10000 requests")]
    Requests,
    /// The window is shorter than [`MIN_WINDOW`] or longer than [`MAX_WINDOW`].
    #[error("must have a window of 100ms to 24h")]
    Window,
    /// No limit was given.
    #[error("must name at least one limit such as 2/1s")]
    None,
    /// More than [`MAX_LIMITS`] limits were given.
    #[error("must name at most 4 limits")]
    TooMany,
}

impl Limit {
    /// Returns the limit of `requests` in any `window`; fractions of a millisecond are cut.
    ///
    /// # Errors
    /// [`LimitError::Requests`] and [`LimitError::Window`].
    pub fn new(requests: u32, window: Duration) -> Result<Self, LimitError> {
        if !(1..=MAX_REQUESTS).contains(&requests) {
            return Err(LimitError::Requests);
        }
        if !(MIN_WINDOW..=MAX_WINDOW).contains(&window) {
            return Err(LimitError::Window);
        }
        let window_ms = u64::try_from(window.as_millis()).map_err(|_| LimitError::Window)?;
        Ok(Self { requests, window: Duration::from_millis(window_ms) })
    }

    /// Returns the limit that is nearest to these figures, for those that are written in code.
    pub fn nearest(requests: u32, window: Duration) -> Self {
        let window_ms = window.clamp(MIN_WINDOW, MAX_WINDOW).as_millis();
        let window = u64::try_from(window_ms).map_or(MAX_WINDOW, Duration::from_millis);
        Self { requests: requests.clamp(1, MAX_REQUESTS), window }
    }

    /// Returns how many requests are allowed in any window.
    pub const fn requests(&self) -> u32 {
        self.requests
    }

    /// Returns the length of the window, in whole milliseconds.
    pub const fn window(&self) -> Duration {
        self.window
    }
}

impl Limits {
    /// Returns the limits in this order.
    ///
    /// # Errors
    /// [`LimitError::None`] and [`LimitError::TooMany`].
    pub fn new(limits: impl IntoIterator<Item = Limit>) -> Result<Self, LimitError> {
        let mut limits = limits.into_iter();
        let first = limits.next().ok_or(LimitError::None)?;
        // One more than may be there shows that there are too many, however long the list is.
        let others: Vec<_> = limits.take(MAX_LIMITS).collect();
        if others.len() >= MAX_LIMITS {
            return Err(LimitError::TooMany);
        }
        Ok(Self { first, others })
    }

    /// Returns two limits, the first of which sets the pace.
    pub fn of_two(first: Limit, other: Limit) -> Self {
        Self { first, others: vec![other] }
    }

    /// Returns the limit that sets the pace.
    pub const fn first(&self) -> Limit {
        self.first
    }

    /// Returns all limits, the first one first.
    pub fn iter(&self) -> impl Iterator<Item = Limit> + '_ {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }
}

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (requests, window) = text.split_once('/').ok_or(LimitError::Syntax)?;
        let (requests, window) = (requests.trim(), window.trim());
        let is_number = !requests.is_empty() && requests.bytes().all(|byte| byte.is_ascii_digit());
        // No window is as long as a day, so a unit of days could only be a mistake.
        if !is_number || window.ends_with('d') {
            return Err(LimitError::Syntax);
        }
        let window = duration_text::parse(window).map_err(|error| match error {
            duration_text::DurationTextError::Syntax => LimitError::Syntax,
            duration_text::DurationTextError::TooLong => LimitError::Window,
        })?;
        Self::new(requests.parse().map_err(|_| LimitError::Requests)?, window)
    }
}

impl FromStr for Limits {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() {
            return Err(LimitError::None);
        }
        let limits: Result<Vec<_>, _> =
            text.split(',').take(MAX_LIMITS + 1).map(str::parse).collect();
        Self::new(limits?)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Limits have no unit of days, and 24 hours is the one window that would be shown in it.
        if self.window == MAX_WINDOW {
            return write!(formatter, "{}/24h", self.requests);
        }
        write!(formatter, "{}/{}", self.requests, DurationText(self.window))
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.first)?;
        self.others.iter().try_for_each(|limit| write!(formatter, ",{limit}"))
    }
}

impl From<Limit> for String {
    fn from(limit: Limit) -> Self {
        limit.to_string()
    }
}

impl TryFrom<String> for Limit {
    type Error = LimitError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Limits> for Vec<Limit> {
    fn from(limits: Limits) -> Self {
        limits.iter().collect()
    }
}

impl TryFrom<Vec<Limit>> for Limits {
    type Error = LimitError;

    fn try_from(limits: Vec<Limit>) -> Result<Self, Self::Error> {
        Self::new(limits)
    }
}

#[cfg(test)]
mod tests;
