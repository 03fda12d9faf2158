//! Whether the fault is Xendit's, the network's or the key's rather than a job's.
//!
//! While the breaker is open one request each few seconds probes; which job it serves is the queue's
//! choice. A person's pause, and the pause after many refusals with one code, are kept here as well.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Observation;
use crate::pacer::Moment;

/// Different suspects that open the breaker.
pub const SUSPECTS_TO_OPEN: usize = 3;
/// Failures in a row that say nothing about a job, and open the breaker.
pub const FAILURES_TO_OPEN: u32 = 3;
/// Different jobs in a row refused with one code that hold the account for a person.
pub const REJECTIONS_TO_HOLD: u32 = 20;
/// The wait between probes with a key that was refused.
pub const KEY_PROBE: Duration = Duration::from_mins(1);

/// An open breaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The code of the failure that opened it.
    pub reason: String,
    /// The wait between probes.
    pub probe_each: Duration,
    /// The earliest instant of the next probe.
    pub probe_at: Moment,
}

/// A pause that a person ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// When it ends by itself, Unix milliseconds.
    pub until_ms: Option<u64>,
}

/// What an observation changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Change {
    /// Nothing that anybody must hear of.
    #[default]
    None,
    /// It opened.
    Opened,
    /// It closed.
    Closed,
    /// Too many refusals: the account is held.
    Held,
}

/// One account's breaker.
#[derive(Clone, Debug)]
pub struct Breaker {
    probe_each: Duration,
    suspects: BTreeMap<String, u64>,
    failures: u32,
    successes: u64,
    open: Option<Open>,
    rejections: Rejections,
    hold: Option<Hold>,
}

#[derive(Clone, Debug, Default)]
struct Rejections {
    code: Option<String>,
    last_job: Option<String>,
    count: u32,
}

impl Breaker {
    /// Returns a closed breaker that, once open, lets one request through each `probe_each`.
    pub fn new(probe_each: Duration) -> Self {
        Self {
            probe_each,
            suspects: BTreeMap::new(),
            failures: 0,
            successes: 0,
            open: None,
            rejections: Rejections::default(),
            hold: None,
        }
    }

    /// Learns what became of a request of job (or chore) `id`; `code` is the failure's.
    pub fn observe(&mut self, now: Moment, id: &str, code: &str, seen: Observation) -> Change {
        match seen {
            Observation::Nothing | Observation::Limited => Change::None,
            Observation::Created => {
                self.successes += 1;
                self.rejections.count = 0;
                self.succeed()
            }
            Observation::Rejected => {
                let closed = self.succeed();
                if self.count_rejection(id, code) { Change::Held } else { closed }
            }
            Observation::Answered => {
                self.failures = 0;
                Change::None
            }
            Observation::Suspect => self.suspect(now, id, code),
            Observation::Failure => {
                self.failures += 1;
                self.suspect(now, id, code)
            }
            Observation::KeyRefused => {
                let is_known = self.open.as_ref().is_some_and(|open| open.reason == code);
                if is_known { Change::None } else { self.open(now, code, KEY_PROBE) }
            }
        }
    }

    /// Returns why and how it is open, if it is.
    pub fn open_state(&self) -> Option<&Open> {
        self.open.as_ref()
    }

    /// Returns whether the breaker is open.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Returns when the next probe may leave, while it is open.
    pub fn probe_at(&self) -> Option<Moment> {
        self.open.as_ref().map(|open| open.probe_at)
    }

    /// Notes that a request was granted to job `id`: it probes if the breaker is open.
    pub fn granted(&mut self, now: Moment, id: &str) {
        if let Some(open) = &mut self.open {
            open.probe_at = now + open.probe_each;
        }
        if let Some(probed_ms) = self.suspects.get_mut(id) {
            *probed_ms = now.unix_ms();
        }
    }

    /// Notes that a granted request was not sent: the next probe need not wait for its time.
    pub fn unused(&mut self, now: Moment) {
        if let Some(open) = &mut self.open {
            open.probe_at = open.probe_at.min(now);
        }
    }

    /// Forgets a job or chore that ended.
    pub fn forget(&mut self, id: &str) {
        self.suspects.remove(id);
    }

    /// Returns the suspects with the time of their last probe (0: none), Unix milliseconds.
    pub fn suspects(&self) -> &BTreeMap<String, u64> {
        &self.suspects
    }

    /// Returns the failures in a row that say nothing about a job.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Returns the creates that succeeded so far.
    pub fn successes(&self) -> u64 {
        self.successes
    }

    /// Takes over a clock that stepped back.
    pub fn rebase(&mut self, now: Moment) {
        self.unused(now);
    }

    /// Holds everything back until resumed, or until an instant.
    pub fn pause(&mut self, until_ms: Option<u64>) {
        self.hold = Some(Hold { until_ms });
    }

    /// Ends a pause. Returns whether there was one.
    pub fn resume(&mut self) -> bool {
        let was_held = self.hold.take().is_some();
        if was_held {
            self.rejections.count = 0;
        }
        was_held
    }

    /// Returns the pause in force; one whose time is over ends by this.
    pub fn held(&mut self, now_ms: u64) -> Option<Hold> {
        self.hold = self.hold.filter(|hold| hold.until_ms.is_none_or(|until_ms| until_ms > now_ms));
        self.hold
    }

    fn succeed(&mut self) -> Change {
        self.suspects.clear();
        self.failures = 0;
        if self.open.take().is_some() { Change::Closed } else { Change::None }
    }

    fn suspect(&mut self, now: Moment, id: &str, code: &str) -> Change {
        self.suspects.entry(id.to_owned()).or_default();
        let is_enough =
            self.suspects.len() >= SUSPECTS_TO_OPEN || self.failures >= FAILURES_TO_OPEN;
        if !is_enough || self.is_open() {
            return Change::None;
        }
        self.open(now, code, self.probe_each)
    }

    fn open(&mut self, now: Moment, code: &str, probe_each: Duration) -> Change {
        let was_open = self.is_open();
        let probe_at = now + probe_each;
        self.open = Some(Open { reason: code.to_owned(), probe_each, probe_at });
        if was_open { Change::None } else { Change::Opened }
    }

    /// Returns whether the account is held by this refusal.
    fn count_rejection(&mut self, id: &str, code: &str) -> bool {
        let known = &mut self.rejections;
        if known.code.as_deref() != Some(code) {
            *known = Rejections { code: Some(code.to_owned()), last_job: None, count: 0 };
        }
        if known.last_job.as_deref() != Some(id) {
            known.count += 1;
            known.last_job = Some(id.to_owned());
        }
        if known.count < REJECTIONS_TO_HOLD || self.hold.is_some() {
            return false;
        }
        known.count = 0;
        self.pause(None);
        true
    }
}

#[cfg(test)]
mod tests;
