//! Instants of Redis' clock.

use std::ops::Add;
use std::time::Duration;

/// An instant in Unix microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

impl Moment {
    /// Returns the instant so many microseconds after 1970.
    pub const fn from_unix_us(unix_us: u64) -> Self {
        Self(unix_us)
    }

    /// Returns the microseconds since 1970.
    pub const fn unix_us(self) -> u64 {
        self.0
    }

    /// Returns the whole milliseconds since 1970.
    pub const fn unix_ms(self) -> u64 {
        self.0 / 1000
    }

    /// Returns how long after `earlier` this is; zero if it is before.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros(duration)))
    }
}

/// Returns the whole microseconds of `duration`.
pub(super) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
