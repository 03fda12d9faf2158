//! A number that halves each so often: how trouble is forgotten.

use std::time::Duration;

use super::Moment;

const HALVINGS_MAX: u128 = 20;

/// A number as it was set, which halves each half-life since then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Halving {
    set_to: u64,
    at: Moment,
    half_life: Duration,
}

impl Halving {
    pub(super) fn each(half_life: Duration) -> Self {
        Self { set_to: 0, at: Moment::default(), half_life }
    }

    pub(super) fn set(&mut self, value: u64, now: Moment) {
        (self.set_to, self.at) = (value, now);
    }

    pub(super) fn value(&self, now: Moment) -> u64 {
        let halvings = now.since(self.at).as_micros() / self.half_life.as_micros();
        self.set_to >> halvings.min(HALVINGS_MAX)
    }

    /// Counts from `now` if the clock stepped back before the instant at which it was set.
    pub(super) fn rebase(&mut self, now: Moment) {
        self.at = self.at.min(now);
    }
}
