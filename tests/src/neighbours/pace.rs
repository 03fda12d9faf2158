//! How fast the healthy were, measured at the simulator.

use std::fmt;
use std::ops::Range;

use xendit_sim::Arrival;

use super::fleet::LIMIT_PER_S;

const SECOND_US: u64 = 1_000_000;
/// Until then a neighbour may cost something.
const BEGINNING_US: u64 = 10 * SECOND_US;

/// The share of the limit that was used, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// In the whole time.
    pub whole: u64,
    /// After its first 10 s, if it lasted longer.
    pub later: Option<u64>,
}

impl Pace {
    /// Returns the pace of the arrivals within `during_us`, a time in the clock of the ledger.
    pub fn of(arrivals: &[&Arrival], during_us: Range<u64>) -> Self {
        let share = |during_us: Range<u64>| {
            let within = arrivals.iter().filter(|it| during_us.contains(&it.arrived_us)).count();
            let allowed_us = (during_us.end - during_us.start).max(1) * LIMIT_PER_S;
            (u64::try_from(within).unwrap_or(u64::MAX) * SECOND_US * 100 + allowed_us / 2)
                / allowed_us
        };
        let later_us = during_us.start + BEGINNING_US..during_us.end;
        let later = (later_us.end > later_us.start + SECOND_US).then(|| share(later_us));
        Self { whole: share(during_us), later }
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.later {
            Some(later) => write!(f, "{} % / {later} %", self.whole),
            None => write!(f, "{} %", self.whole),
        }
    }
}
