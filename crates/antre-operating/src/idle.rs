//! The case that requests should leave and do not.

use std::time::Duration;

use antre_store::status::Status;

use crate::words::{NO_REPLICA, TOO_LATE};

/// How long work may be ready and allowed without a request.
pub const STALLED_AFTER: Duration = Duration::from_secs(10);
/// How long grants may come back unused while nothing is sent, before people are told.
pub const UNUSED_AFTER: Duration = Duration::from_secs(30);
/// The same when no replica confirms claims: that does not mend itself by waiting.
pub const UNREPLICATED_AFTER: Duration = Duration::from_secs(3);

/// Why nothing leaves although requests are granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unused {
    /// No replica confirms claims; else grants come too late to be used.
    pub is_unreplicated: bool,
    /// Since when, Unix milliseconds.
    pub since_ms: u64,
}

impl Unused {
    /// Returns what it means and what to do, for a person.
    pub fn text(self) -> &'static str {
        if self.is_unreplicated { NO_REPLICA } else { TOO_LATE }
    }
}

/// Returns whether work has been ready and allowed for `limit`, and nothing was sent: the watchdog's condition.
pub fn is_stalled(status: &Status, limit: Duration) -> bool {
    let is_allowed = status.pause.is_none() && status.breaker.is_none() && status.wait.is_zero();
    let idle = Duration::from_micros((status.now_ms * 1000).saturating_sub(idle_since_us(status)));
    status.waiting_total() > 0 && is_allowed && idle > limit
}

/// Returns why grants come back unused, when work is ready and nothing was sent for long.
pub fn unused_for_long(status: &Status) -> Option<Unused> {
    let unused = status.unused.as_ref()?;
    let is_unreplicated = unused.is_unreplicated;
    let limit = if is_unreplicated { UNREPLICATED_AFTER } else { UNUSED_AFTER };
    let silence = |since_ms: u64| Duration::from_millis(status.now_ms.saturating_sub(since_ms));
    let since_ms = idle_since_us(status) / 1000;
    let is_idle = silence(since_ms) > limit;
    let is_recent = silence(unused.at_ms) < UNUSED_AFTER;
    let has_work = status.waiting_total() > 0;
    (has_work && is_idle && is_recent).then_some(Unused { is_unreplicated, since_ms })
}

/// Returns since when a request could have left, Unix microseconds.
pub(crate) fn idle_since_us(status: &Status) -> u64 {
    status.sent_us.max(status.oldest_ready_us)
}

#[cfg(test)]
mod tests;
