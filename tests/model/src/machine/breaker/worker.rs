//! One worker's breaker: what only this worker sees closes this worker, not the account.

use std::time::Duration;

use super::{FAILURES_TO_OPEN, KEY_PROBE, SUSPECTS_TO_OPEN, trouble::Trouble};
use crate::pacer::Moment;

/// 429s in a row after which a worker that alone is limited waits alone.
pub const LIMITED_ALONE: u32 = 2;
/// The longest wait between probes of a worker that alone has trouble.
pub const PROBE_MAX: Duration = Duration::from_mins(1);

/// What an open breaker lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Neutral probes only.
    All,
    /// Everything, but each create is a probe.
    Creates,
    /// Every request is a probe.
    Jobs,
}

impl Scope {
    /// Returns the word that records use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Creates => "creates",
            Self::Jobs => "jobs",
        }
    }
}

/// An open breaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The code of the failure that opened it.
    pub reason: String,
    /// What it lets through.
    pub scope: Scope,
    /// The wait between probes.
    pub probe_each: Duration,
    /// The earliest instant of the next probe.
    pub probe_at: Moment,
}

/// One worker's breaker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkerBreaker {
    pub(super) open: Option<Open>,
    pub(super) failures: u32,
    pub(super) suspects: Vec<String>,
    pub(super) create_failures: u32,
    limited: u32,
    limited_creates: u32,
    limited_others_at: u64,
    others_at: u64,
    answered: u64,
    /// The account's count of answers at this worker's last one, and at its last create that succeeded.
    pub(super) answered_at: u64,
    pub(super) created_at: u64,
    reopened: u32,
}

impl WorkerBreaker {
    /// Returns why and how it is open, if it is.
    pub fn open_state(&self) -> Option<&Open> {
        self.open.as_ref()
    }

    /// Returns the failures in a row that say nothing about a job.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Returns the different jobs in trouble since its last success, as many as are needed to open it.
    pub fn suspects(&self) -> &[String] {
        &self.suspects
    }

    /// Returns how many requests of all workers had been answered when this one's last was.
    pub fn answered_at(&self) -> u64 {
        self.answered_at
    }

    /// Returns the same when its last create succeeded.
    pub fn created_at(&self) -> u64 {
        self.created_at
    }

    /// Returns the requests of it that were answered.
    pub fn answered(&self) -> u64 {
        self.answered
    }

    /// Returns the 429s in a row, and those of them that answered creates.
    pub fn limited_in_a_row(&self) -> (u32, u32) {
        (self.limited, self.limited_creates)
    }

    /// Returns how often it opened since its last create that succeeded.
    pub fn reopened(&self) -> u32 {
        self.reopened
    }

    fn others(&self, answered: u64) -> u64 {
        answered - self.answered
    }

    /// `answered` counts this answer, as in the other moves.
    pub(super) fn created(&mut self, answered: u64) {
        *self = Self {
            others_at: self.others_at,
            limited_others_at: self.limited_others_at,
            answered: self.answered + 1,
            answered_at: answered,
            created_at: answered,
            ..Self::default()
        };
    }

    pub(super) fn answer(&mut self, now: Moment, answered: u64) {
        let is_doubtful = self.create_failures + self.limited_creates > 0;
        (self.failures, self.limited) = (0, self.limited_creates);
        self.answered += 1;
        self.answered_at = answered;
        if self.create_failures == 0 {
            self.suspects.clear();
        }
        if !is_doubtful {
            self.open = None;
        } else if let Some(open) = self.open.as_mut().filter(|open| open.scope != Scope::Creates) {
            open.scope = Scope::Creates;
            open.probe_at = now;
        }
    }

    /// Returns whether only this worker has it: others got answers since it began.
    pub(super) fn count_trouble(&mut self, trouble: &Trouble<'_>, answered: u64) -> bool {
        if self.suspects.is_empty() && self.failures == 0 {
            self.others_at = self.others(answered);
        }
        let is_known = self.suspects.iter().any(|id| id == trouble.id);
        if !is_known && self.suspects.len() < SUSPECTS_TO_OPEN {
            self.suspects.push(trouble.id.to_owned());
        }
        self.failures += u32::from(trouble.is_failure);
        self.create_failures += u32::from(trouble.is_create);
        self.others(answered) > self.others_at
    }

    /// Returns whether this opened it. `is_alone`: the trouble is only this worker's, as far as is known.
    pub(super) fn judge(
        &mut self,
        now: Moment,
        trouble: &Trouble<'_>,
        (is_alone, probe): (bool, Duration),
    ) -> bool {
        if let Some(known) = self.open.as_ref().map(|open| open.scope) {
            let scope = if trouble.is_failure { Scope::All } else { known };
            return self.reopen(now, trouble.code, scope, probe);
        }
        let is_enough = self.suspects.len() >= SUSPECTS_TO_OPEN
            || self.failures.max(self.create_failures) >= FAILURES_TO_OPEN;
        if !is_alone || !is_enough {
            return false;
        }
        let is_first = self.reopened == 0;
        self.reopen(now, trouble.code, Scope::All, probe);
        // Jobs may be the cause: a neutral request tells, and harms nobody.
        if let Some(open) = self.open.as_mut().filter(|_| is_first) {
            open.probe_at = now;
        }
        true
    }

    /// Returns whether it was closed before.
    pub(super) fn key_refused(&mut self, now: Moment, code: &str) -> bool {
        self.reopen(now, code, Scope::All, KEY_PROBE)
    }

    /// Returns whether only this worker is limited while others pass, and whether that opened it.
    pub(super) fn limited(
        &mut self,
        now: Moment,
        is_create: bool,
        (answered, probe): (u64, Duration),
    ) -> (bool, bool) {
        self.limited += 1;
        self.limited_creates += u32::from(is_create);
        if self.limited == 1 {
            self.limited_others_at = self.others(answered);
        }
        if self.limited < LIMITED_ALONE || self.others(answered) <= self.limited_others_at {
            return (false, false);
        }
        let scope = if self.limited_creates > 0 { Scope::Creates } else { Scope::Jobs };
        (true, self.reopen(now, "limited", scope, probe))
    }

    fn reopen(&mut self, now: Moment, code: &str, scope: Scope, probe: Duration) -> bool {
        let was_closed = self.open.is_none();
        let grown = probe * 2_u32.pow(self.reopened.min(10));
        let probe_each = probe.max(grown.min(PROBE_MAX));
        let reason = code.to_owned();
        self.open = Some(Open { reason, scope, probe_each, probe_at: now + probe_each });
        self.reopened += 1;
        was_closed
    }
}
