//! The simulator's clock: monotonic microseconds since its start, and the wall time of each.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

/// Tells the time since the simulator started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    started: Instant,
}

/// One instant on both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) us: u64,
    pub(crate) wall: DateTime<Utc>,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now() }
    }

    /// Returns the microseconds since the start.
    pub(crate) fn now_us(&self) -> u64 {
        micros(self.started.elapsed())
    }

    pub(crate) fn now(&self) -> Moment {
        Moment { us: self.now_us(), wall: Utc::now() }
    }

    /// Returns the wall time of a past instant, by the wall clock as it stands now.
    pub(crate) fn wall_at(&self, past_us: u64) -> DateTime<Utc> {
        let age_us = self.now_us().saturating_sub(past_us);
        Utc::now() - TimeDelta::microseconds(i64::try_from(age_us).unwrap_or(i64::MAX))
    }
}

/// Returns a duration in whole microseconds.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
