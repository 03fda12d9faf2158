//! Whose fault it is: a job's, a worker's, or the account's (Xendit's or everybody's network).
//!
//! While a breaker is open one request each few seconds probes: mostly one that belongs to no job, and once look-ups
//! are answered again a create of a job that is no suspect. A person's pause, and the pause after many refusals with one code, are kept here as well.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::Observation;
use crate::pacer::Moment;

mod rejections;
mod trouble;
mod worker;

use rejections::Rejections;
use trouble::{Trouble, TroubleBy};

pub use worker::{LIMITED_ALONE, Open, PROBE_MAX, Scope, WorkerBreaker};

/// Different suspects that open a breaker.
pub const SUSPECTS_TO_OPEN: usize = 3;
/// Failures in a row that say nothing about a job, and open a breaker.
pub const FAILURES_TO_OPEN: u32 = 3;
/// Different jobs in a row refused with one code that hold the account for a person.
pub const REJECTIONS_TO_PAUSE: u32 = 20;
/// The wait between probes with a key that was refused.
pub const KEY_PROBE: Duration = Duration::from_mins(1);

/// A pause that a person ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
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
    /// That of one worker opened.
    WorkerOpened,
    /// Only this worker is limited: the fleet need not wait.
    LimitedAlone,
    /// Only this worker is limited, and its breaker opened by that.
    LimitedAloneOpened,
}

/// One account's breaker.
#[derive(Clone, Debug)]
pub struct Breaker {
    probe_each: Duration,
    suspects: BTreeMap<String, u64>,
    failures: u32,
    create_failures: u32,
    answered: u64,
    successes: u64,
    open: Option<Open>,
    prober: Option<String>,
    /// It opened before, and no create succeeded since.
    is_reopened: bool,
    trouble_by: TroubleBy,
    serving: BTreeSet<String>,
    workers: BTreeMap<String, WorkerBreaker>,
    rejections: Rejections,
    pause: Option<Pause>,
}

impl Breaker {
    /// Returns a closed breaker that, once open, lets one request through each `probe_each`.
    pub fn new(probe_each: Duration) -> Self {
        Self {
            probe_each,
            suspects: BTreeMap::new(),
            failures: 0,
            create_failures: 0,
            answered: 0,
            successes: 0,
            open: None,
            prober: None,
            is_reopened: false,
            trouble_by: TroubleBy::Nobody,
            serving: BTreeSet::new(),
            workers: BTreeMap::new(),
            rejections: Rejections::default(),
            pause: None,
        }
    }

    /// Learns what became of a request of `worker` for job (or follow-up) `id`; `code` is the failure's.
    pub fn observe(
        &mut self,
        now: Moment,
        worker: &str,
        (id, code): (&str, &str),
        seen: Observation,
    ) -> Change {
        let suspect = |is_create| Trouble { id, code, is_failure: false, is_create };
        match seen {
            Observation::Nothing => Change::None,
            Observation::Created => {
                self.successes += 1;
                self.rejections.begin_anew();
                self.succeed(worker)
            }
            Observation::Rejected => {
                let closed = self.succeed(worker);
                if self.count_rejection(id, code) { Change::Held } else { closed }
            }
            Observation::Answered => self.answer(now, worker),
            Observation::CreateSuspect => self.trouble(now, worker, &suspect(true)),
            Observation::Suspect => self.trouble(now, worker, &suspect(false)),
            Observation::Failure => {
                self.trouble(now, worker, &Trouble { is_failure: true, ..suspect(false) })
            }
            Observation::KeyRefused => {
                let is_opened = self.worker_mut(worker).key_refused(now, code);
                if is_opened { Change::WorkerOpened } else { Change::None }
            }
            Observation::CreateLimited => self.limit(now, worker, true),
            Observation::Limited => self.limit(now, worker, false),
        }
    }

    /// Notes a sign of life of a worker that serves the account.
    pub fn serves(&mut self, worker: &str) {
        self.serving.insert(worker.to_owned());
    }

    /// Returns whether another worker serves the account.
    pub fn has_others(&self, worker: &str) -> bool {
        self.serving.iter().any(|other| other != worker)
    }

    /// Returns what is held against a worker.
    pub fn worker(&self, worker: &str) -> Option<&WorkerBreaker> {
        self.workers.get(worker)
    }

    /// Returns everything that is held against workers.
    pub fn workers(&self) -> &BTreeMap<String, WorkerBreaker> {
        &self.workers
    }

    /// Returns the requests that were answered so far, those of all workers together.
    pub fn answered(&self) -> u64 {
        self.answered
    }

    /// Returns the creates that failed since the last one that succeeded.
    pub fn create_failures(&self) -> u32 {
        self.create_failures
    }

    /// Returns the worker that made the last probe.
    pub fn prober(&self) -> Option<&str> {
        self.prober.as_deref()
    }

    /// Closes it: there is nothing left to doubt.
    pub fn close(&mut self) -> Change {
        self.suspects.clear();
        (self.failures, self.create_failures) = (0, 0);
        self.trouble_by = TroubleBy::Nobody;
        self.prober = None;
        if self.open.take().is_some() { Change::Closed } else { Change::None }
    }

    /// Returns whether a failure of a request that failed before, when so many had been answered, is its own: this
    /// worker got an answer (to a create, for a create) since.
    pub fn is_own(&self, worker: &str, failed_at: Option<u64>, is_create: bool) -> bool {
        let Some(failed_at) = failed_at else { return false };
        self.workers.get(worker).is_some_and(|seen| {
            (if is_create { seen.created_at } else { seen.answered_at }) > failed_at
        })
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

    /// Notes that a request was granted to `worker` for job `id`: it probes if a breaker is open.
    pub fn granted(&mut self, now: Moment, worker: &str, id: &str) {
        if let Some(open) = &mut self.open {
            open.probe_at = now + open.probe_each;
            self.prober = Some(worker.to_owned());
        }
        if let Some(open) = self.workers.get_mut(worker).and_then(|seen| seen.open.as_mut()) {
            open.probe_at = now + open.probe_each;
        }
        if let Some(probed_ms) = self.suspects.get_mut(id) {
            *probed_ms = now.unix_ms();
        }
    }

    /// Notes that a granted request was not sent: the account's next probe need not wait for its time.
    pub fn unused(&mut self, now: Moment) {
        if let Some(open) = &mut self.open {
            open.probe_at = open.probe_at.min(now);
        }
    }

    /// The same for the worker's next probe.
    pub fn unused_by(&mut self, now: Moment, worker: &str) {
        if let Some(open) = self.workers.get_mut(worker).and_then(|seen| seen.open.as_mut()) {
            open.probe_at = open.probe_at.min(now);
        }
    }

    /// Forgets a job or follow-up that ended.
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

    /// Takes over a clock that stepped back behind a worker's last probe.
    pub fn rebase_worker(&mut self, now: Moment, worker: &str) {
        if let Some(open) = self.workers.get_mut(worker).and_then(|seen| seen.open.as_mut())
            && open.probe_at > now + open.probe_each
        {
            open.probe_at = now;
        }
    }

    /// Takes over a clock that stepped back.
    pub fn rebase(&mut self, now: Moment) {
        self.unused(now);
    }

    /// Holds everything back until resumed, or until an instant.
    pub fn pause(&mut self, until_ms: Option<u64>) {
        self.pause = Some(Pause { until_ms });
    }

    /// Ends a pause. Returns whether there was one.
    pub fn resume(&mut self) -> bool {
        let was_held = self.pause.take().is_some();
        if was_held {
            self.rejections.begin_anew();
        }
        was_held
    }

    /// Returns the pause in force; one whose time is over ends by this.
    pub fn pause_in_force(&mut self, now_ms: u64) -> Option<Pause> {
        self.pause =
            self.pause.filter(|hold| hold.until_ms.is_none_or(|until_ms| until_ms > now_ms));
        self.pause
    }

    fn worker_mut(&mut self, worker: &str) -> &mut WorkerBreaker {
        self.workers.entry(worker.to_owned()).or_default()
    }

    fn succeed(&mut self, worker: &str) -> Change {
        self.answered += 1;
        let answered = self.answered;
        self.worker_mut(worker).created(answered);
        self.is_reopened = false;
        self.close()
    }

    fn answer(&mut self, now: Moment, worker: &str) -> Change {
        self.answered += 1;
        let answered = self.answered;
        self.worker_mut(worker).answer(now, answered);
        if self.create_failures == 0 {
            return self.close();
        }
        self.failures = 0;
        if let Some(open) = self.open.as_mut().filter(|open| open.scope != Scope::Creates) {
            open.scope = Scope::Creates;
            open.probe_at = now;
        }
        Change::None
    }

    fn limit(&mut self, now: Moment, worker: &str, is_create: bool) -> Change {
        let known = (self.answered, self.probe_each);
        match self.worker_mut(worker).limited(now, is_create, known) {
            (true, true) => Change::LimitedAloneOpened,
            (true, false) => Change::LimitedAlone,
            (false, _) => Change::None,
        }
    }

    fn trouble(&mut self, now: Moment, worker: &str, trouble: &Trouble<'_>) -> Change {
        let (answered, probe) = (self.answered, self.probe_each);
        let is_alone = self.worker_mut(worker).count_trouble(trouble, answered)
            || self.count_trouble(worker, trouble);
        let change = if self.worker_mut(worker).judge(now, trouble, (is_alone, probe)) {
            Change::WorkerOpened
        } else {
            Change::None
        };
        if !is_alone && self.judge(now, worker, trouble) { Change::Opened } else { change }
    }

    /// Returns whether `worker` has met all trouble of the account, and another one is there whose answers will tell.
    fn count_trouble(&mut self, worker: &str, trouble: &Trouble<'_>) -> bool {
        self.suspects.entry(trouble.id.to_owned()).or_default();
        self.failures += u32::from(trouble.is_failure);
        self.create_failures += u32::from(trouble.is_create);
        self.trouble_by = std::mem::take(&mut self.trouble_by).and(worker);
        self.trouble_by != TroubleBy::Many && self.has_others(worker)
    }

    /// Returns whether this opened it.
    fn judge(&mut self, now: Moment, worker: &str, trouble: &Trouble<'_>) -> bool {
        if let Some(open) = &mut self.open {
            if trouble.is_failure {
                open.scope = Scope::Jobs;
            }
            return false;
        }
        if self.suspects.len() < SUSPECTS_TO_OPEN && self.failures < FAILURES_TO_OPEN {
            return false;
        }
        let wait = if self.is_reopened { self.probe_each } else { Duration::ZERO };
        self.open = Some(Open {
            reason: trouble.code.to_owned(),
            scope: Scope::Jobs,
            probe_each: self.probe_each,
            probe_at: now + wait,
        });
        self.is_reopened = true;
        // Others probe first.
        self.prober = Some(worker.to_owned());
        true
    }

    /// Returns whether the account is held by this refusal.
    fn count_rejection(&mut self, id: &str, code: &str) -> bool {
        let is_held = self.rejections.count(id, code, self.pause.is_some());
        if is_held {
            self.pause(None);
        }
        is_held
    }
}

#[cfg(test)]
mod tests;
