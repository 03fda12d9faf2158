//! Time that passes while the machine is suspended.
//!
//! The clock behind [`Instant`] stands still then, so a request that was granted before a suspend would look in time
//! after it. Linux has a second clock, `CLOCK_BOOTTIME`, that goes on; where it runs ahead, the machine slept.
//! Both are read from the system and neither is tokio's, so paused time in tests makes no difference.
//!
//! Not seen: a virtual machine whose host stops it without telling, because both clocks of the guest stand still
//! then; and suspends on systems other than Linux and Android.

use std::time::Duration;

use tokio::time::Instant;

/// Both clocks at about one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Clocks {
    /// Stands still while the machine is suspended.
    awake: Duration,
    /// Goes on.
    boot: Duration,
}

impl Clocks {
    // The two read in opposite order: a pause between two readings can only make the time asleep look shorter,
    // so a busy machine is never taken for a suspended one.
    fn at_the_beginning() -> Self {
        let awake = system::awake();
        Self { awake, boot: system::boot() }
    }

    fn at_the_end() -> Self {
        let boot = system::boot();
        Self { awake: system::awake(), boot }
    }
}

/// Tells how long the machine has been suspended since the watch began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SleepWatch(Clocks);

impl SleepWatch {
    /// Begins to watch now.
    pub(crate) fn begin() -> Self {
        Self(Clocks::at_the_beginning())
    }

    /// Returns how long the machine has been suspended since the watch began.
    pub(crate) fn slept_so_far(&self) -> Duration {
        self.slept(Clocks::at_the_end())
    }

    /// Tells whether `latest` has passed at `now`, with the time asleep counted.
    pub(crate) fn is_late(&self, now: Instant, latest: Instant) -> bool {
        self.is_late_by(Clocks::at_the_end(), now, latest)
    }

    fn is_late_by(&self, clocks: Clocks, now: Instant, latest: Instant) -> bool {
        // The last instant itself is in time.
        latest.checked_duration_since(now).is_none_or(|left| self.slept(clocks) > left)
    }

    fn slept(&self, clocks: Clocks) -> Duration {
        let since = |now: Duration, then: Duration| now.saturating_sub(then);
        since(clocks.boot, self.0.boot).saturating_sub(since(clocks.awake, self.0.awake))
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod system {
    use std::time::Duration;

    use rustix::time::{ClockId, clock_gettime};

    pub(super) fn awake() -> Duration {
        read(ClockId::Monotonic)
    }

    pub(super) fn boot() -> Duration {
        read(ClockId::Boottime)
    }

    fn read(clock: ClockId) -> Duration {
        // Neither clock is ever negative.
        Duration::try_from(clock_gettime(clock)).unwrap_or_default()
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod system {
    use std::time::Duration;

    pub(super) fn awake() -> Duration {
        Duration::ZERO
    }

    pub(super) fn boot() -> Duration {
        Duration::ZERO
    }
}

#[cfg(test)]
mod tests;
