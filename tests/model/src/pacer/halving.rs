//! A number that halves each 30 s: how trouble is forgotten.

use std::time::Duration;

use super::Moment;

const HALF_LIFE: Duration = Duration::from_secs(30);
const HALVINGS_MAX: u128 = 20;

/// A number as it was set, which halves each 30 s since then.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Halving {
    set_to: u64,
    at: Moment,
}

impl Halving {
    pub(super) fn set(&mut self, value: u64, now: Moment) {
        *self = Self { set_to: value, at: now };
    }

    pub(super) fn value(&self, now: Moment) -> u64 {
        let halvings = now.since(self.at).as_micros() / HALF_LIFE.as_micros();
        self.set_to >> halvings.min(HALVINGS_MAX)
    }

    /// Counts from `now` if the clock stepped back before the instant at which it was set.
    pub(super) fn rebase(&mut self, now: Moment) {
        self.at = self.at.min(now);
    }
}
