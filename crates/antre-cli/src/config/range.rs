//! The values that are taken for each option that is a time or a number, and why not others.
//!
//! An option is read through its entry here, so none can be forgotten. A live key moves real money and is
//! held to narrower ranges; other keys may have short times, as in tests.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use antre_core::Mode;
use antre_core::duration_text::DurationText;

use super::setting::{self, Setting};

/// An option whose value is a time, or several, and what is taken for each.
#[derive(Debug)]
pub(crate) struct Times {
    pub(crate) setting: &'static Setting,
    /// With any key.
    pub(crate) any: Range,
    /// With a live key.
    pub(crate) live: Range,
    /// What goes wrong beyond them.
    reason: &'static str,
}

/// An option whose value is a whole number, and what is taken with any key.
#[derive(Debug)]
pub(crate) struct Numbers {
    pub(crate) setting: &'static Setting,
    pub(crate) range: RangeInclusive<u32>,
    /// What goes wrong beyond it.
    reason: &'static str,
}

/// The shortest and the longest time that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) min: Duration,
    pub(crate) max: Duration,
}

const fn ms(min: u64, max: u64) -> Range {
    Range { min: Duration::from_millis(min), max: Duration::from_millis(max) }
}

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

pub(crate) const GRACE: Times = Times {
    setting: &setting::GRACE,
    any: ms(0, 10 * MINUTE),
    live: ms(SECOND, 10 * MINUTE),
    reason: "a shorter one leaves requests unfinished at each stop, with a longer one a worker does not end",
};
pub(crate) const REQUEST_TIMEOUT: Times = Times {
    setting: &setting::REQUEST_TIMEOUT,
    any: ms(100, 10 * MINUTE),
    live: ms(SECOND, 2 * MINUTE),
    reason: "a shorter one gives up on answers that come, a longer one keeps unclear jobs waiting",
};
pub(crate) const CONNECT_TIMEOUT: Times = Times {
    setting: &setting::CONNECT_TIMEOUT,
    any: ms(10, MINUTE),
    live: ms(100, 30 * SECOND),
    reason: "a shorter one fails on a slow network, a longer one notices a dead one late",
};
pub(crate) const LEASE: Times = Times {
    setting: &setting::LEASE,
    any: ms(300, HOUR),
    live: ms(3 * SECOND, 5 * MINUTE),
    reason: "a shorter one runs out under a busy worker, a longer one keeps a killed worker's jobs waiting",
};
pub(crate) const SETTLE_ANSWERED: Times = Times {
    setting: &setting::SETTLE_ANSWERED,
    any: ms(0, HOUR),
    live: ms(SECOND, HOUR),
    reason: "a shorter one can make a second invoice, a longer one keeps unclear jobs waiting",
};
pub(crate) const SETTLE_UNANSWERED: Times = Times {
    setting: &setting::SETTLE_UNANSWERED,
    any: ms(0, HOUR),
    live: ms(10 * SECOND, HOUR),
    reason: "a shorter one can make a second invoice, a longer one keeps unclear jobs waiting",
};
pub(crate) const JITTER_ALLOWANCE: Times = Times {
    setting: &setting::JITTER_ALLOWANCE,
    any: ms(0, SECOND),
    live: ms(1, 250),
    reason: "a shorter one breaks the limit at Xendit, a longer one slows the pace",
};
pub(crate) const SEND_FENCE: Times = Times {
    setting: &setting::SEND_FENCE,
    any: ms(1, SECOND),
    live: ms(1, 250),
    reason: "with a shorter one nothing leaves in time, with a longer one requests leave too close together",
};
pub(crate) const RETRY_DELAYS: Times = Times {
    setting: &setting::RETRY_DELAYS,
    any: ms(10, DAY),
    live: ms(500, DAY),
    reason: "shorter ones use up a job's retries within one short fault, longer ones keep it waiting",
};
pub(crate) const HEAD_START: Times = Times {
    setting: &setting::HEAD_START,
    any: ms(0, 30 * DAY),
    live: ms(0, 30 * DAY),
    reason: "a low job may wait as long as that behind others",
};
pub(crate) const BREAKER_PROBE: Times = Times {
    setting: &setting::BREAKER_PROBE,
    any: ms(50, 10 * MINUTE),
    live: ms(SECOND, 10 * MINUTE),
    reason: "a shorter one presses a Xendit that does not work, a longer one notices late that it works again",
};
pub(crate) const RETENTION_DONE: Times = Times {
    setting: &setting::RETENTION_DONE,
    any: ms(MINUTE, 3_650 * DAY),
    live: ms(HOUR, 3_650 * DAY),
    reason: "with a shorter one a job's record is gone before anybody looks, and below 30m the second audit \
             of its bill is dropped",
};
pub(crate) const RETENTION_DEAD: Times = Times {
    setting: &setting::RETENTION_DEAD,
    any: ms(MINUTE, 3_650 * DAY),
    live: ms(DAY, 3_650 * DAY),
    reason: "a dead job that is gone before anybody looks is a bill that nobody sends",
};

/// Every option that is a time.
#[cfg(test)]
pub(crate) const TIMES: [&Times; 13] = [
    &GRACE,
    &REQUEST_TIMEOUT,
    &CONNECT_TIMEOUT,
    &LEASE,
    &SETTLE_ANSWERED,
    &SETTLE_UNANSWERED,
    &JITTER_ALLOWANCE,
    &SEND_FENCE,
    &RETRY_DELAYS,
    &HEAD_START,
    &BREAKER_PROBE,
    &RETENTION_DONE,
    &RETENTION_DEAD,
];

pub(crate) const CONCURRENCY: Numbers = Numbers {
    setting: &setting::CONCURRENCY,
    range: 1..=1_000,
    reason: "each running request holds a connection and a job",
};
pub(crate) const MAX_RETRIES: Numbers = Numbers {
    setting: &setting::MAX_RETRIES,
    range: 0..=25,
    reason: "a job may ask for no more either",
};

impl Times {
    /// Returns the time if it is taken with a key of this mode.
    ///
    /// # Errors
    /// What is wrong with it, to stand after the option's name.
    pub(crate) fn check(&self, time: Duration, mode: Mode) -> Result<Duration, String> {
        let Self { setting, any, live, reason } = self;
        let value = DurationText(time);
        let default = setting.default;
        if !any.contains(time) {
            return Err(format!("{value} is not within {any}: {reason}; the default is {default}"));
        }
        if mode == Mode::Live && !live.contains(time) {
            return Err(format!(
                "{value} is not within {live}, the range with a live key: {reason}; the default is {default}"
            ));
        }
        Ok(time)
    }

    /// Shows both ranges, or the one: `300ms to 1h; with a live key 3s to 5m`.
    #[cfg(test)]
    pub(crate) fn shown(&self) -> String {
        let Self { any, live, .. } = self;
        if any == live { format!("{any}") } else { format!("{any}; with a live key {live}") }
    }
}

impl Numbers {
    /// Returns what is wrong with a value that is not taken, to stand after the option's name.
    pub(crate) fn refusal(&self, value: &str) -> String {
        let (min, max) = (self.range.start(), self.range.end());
        let (reason, default) = (self.reason, self.setting.default);
        format!(
            "{value:?} is not a whole number from {min} to {max}: {reason}; the default is {default}"
        )
    }
}

impl Range {
    fn contains(&self, time: Duration) -> bool {
        (self.min..=self.max).contains(&time)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", DurationText(self.min), DurationText(self.max))
    }
}
