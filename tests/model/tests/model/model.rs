//! The queue as values: what Redis must hold, by the pure machine, pacer and breaker.
//!
//! Beside those it keeps what they leave to the queue: who is next, bills, duplicates, follow-ups, counters.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use antre_core::{priority::Priority, state::State};
use antre_model::{
    machine::{
        Circumstances, Effect, Event, Job, Observation, Reply, Rules, Transition,
        breaker::{Breaker, Change, WorkerBreaker},
    },
    pacer::{Moment, Pacer, PacerSettings},
};
use antre_store::settings::Settings;

mod cancelling;
mod claiming;
mod commands;
mod ending;
mod essence;
mod finishing;
mod follow_ups;
mod identity;
mod intake;
mod operating;
mod order;
mod reads;
mod snapshot;

pub(crate) use claiming::{Claimed, Claimer};
pub(crate) use commands::{Command, CommandTarget, EarlyCancels, Place, place};
pub(crate) use finishing::{Answer, Granted};
pub(crate) use follow_ups::{AfterFollowUp, FollowUpOutcome};
pub(crate) use identity::{Identity, Shown};
pub(crate) use intake::Entry;
pub(crate) use operating::Renewed;
pub(crate) use reads::{AfterRead, READ_CODE, ReadWord, Reads};

const READY_TOLERATED_US: u64 = 1_000_000;

/// A job's record: the machine's part and the queue's.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) job: Job,
    pub(crate) external_id: String,
    pub(crate) batch: String,
    pub(crate) priority: Priority,
    pub(crate) ready_us: u64,
    pub(crate) run_at_ms: Option<u64>,
    /// `None`: it never became a job of its own.
    pub(crate) origin: Option<String>,
    pub(crate) duplicate_of: Option<String>,
    pub(crate) claim_token: Option<String>,
    pub(crate) ended_at_ms: u64,
    /// The cancels that wait for its end.
    pub(crate) cancelled_by: Vec<String>,
    /// The state that its result names, while there is one.
    pub(crate) result: Option<State>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Bill {
    pub(crate) job: String,
    pub(crate) origin: String,
    pub(crate) amount: String,
    pub(crate) state: String,
    pub(crate) is_sent: bool,
    pub(crate) effective_until_ms: Option<u64>,
    pub(crate) closed_invoices: String,
    pub(crate) first_sent_ms: Option<u64>,
    pub(crate) invoice_id: String,
    pub(crate) expires_at: String,
    pub(crate) closed_before_ms: u64,
    /// What it falls back to when the job that looks at it again ends without an invoice.
    pub(crate) former: Option<Box<Former>>,
}

/// A delivered bill before it was looked at again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Former {
    pub(crate) job: String,
    pub(crate) amount: String,
    pub(crate) invoice_id: String,
    pub(crate) expires_at: String,
}

impl Bill {
    /// Returns until when a request for it may have an effect, if one was sent; 1 for long ago.
    pub(crate) fn sent_until_ms(&self) -> Option<u64> {
        self.is_sent.then(|| self.effective_until_ms.unwrap_or(1))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct FollowUp {
    pub(crate) kind: &'static str,
    pub(crate) job: String,
    pub(crate) external_id: String,
    pub(crate) invoice_id: String,
    pub(crate) due_ms: u64,
    pub(crate) attempts: u32,
    pub(crate) failed_at: Option<u64>,
    pub(crate) claim_token: Option<String>,
    /// The cancels that wait for its end.
    pub(crate) cancelled_by: Vec<String>,
    /// When the invoice would have expired by itself, if a cancel has it expired.
    pub(crate) expires_before: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) clock: Moment,
    pub(crate) server: String,
    pub(crate) records: BTreeMap<String, Record>,
    pub(crate) bills: BTreeMap<String, Bill>,
    pub(crate) follow_ups: BTreeMap<String, FollowUp>,
    pub(crate) reads: Reads,
    pub(crate) pacer: Pacer,
    pub(crate) breaker: Breaker,
    rules: Rules,
    settings: Settings,
    duplicates: BTreeMap<String, Vec<String>>,
    pub(crate) totals: BTreeMap<String, i64>,
    /// How often jobs died of what, for the coverage only.
    pub(crate) deaths: BTreeMap<String, u64>,
    batches: BTreeMap<String, BTreeMap<String, i64>>,
    batch_jobs: BTreeMap<String, Vec<String>>,
    pub(crate) commands: BTreeMap<String, Command>,
    /// What is in the inbox: a command, or a job.
    pub(crate) inbox: BTreeSet<Place>,
    pub(crate) early_cancels: EarlyCancels,
    last_ready_us: u64,
    run_at_counts: BTreeMap<u64, u64>,
    /// Until when waits counted from the old clock reach, how far it stepped back, and when that was seen, Unix milliseconds.
    rebase: Option<(u64, u64, u64)>,
    /// When workers that wait for the pace ask again.
    turns: BTreeMap<String, Moment>,
    recheck: Recheck,
    pub(crate) identity: Identity,
    /// The worker that just met a 429 which concerns the fleet.
    limited: Option<String>,
    ends: u64,
}

/// Jobs that begin with a look-up because the server may have forgotten their claim.
#[derive(Clone, Copy, Debug, Default)]
struct Recheck {
    left: u64,
    before_ms: u64,
    all_before_ms: u64,
    new_until_ms: u64,
}

impl Model {
    pub(crate) fn new(settings: &Settings, clock: Moment, server: &str) -> Self {
        let pacer = Pacer::new(PacerSettings {
            limits: settings.limits.clone(),
            send_within: settings.send_within,
            jitter_allowance: settings.jitter_allowance,
        });
        let rules = Rules {
            lease: settings.lease,
            request_timeout: settings.request_timeout,
            trust_absence_answered: settings.trust_absence_answered,
            trust_absence_unanswered: settings.trust_absence_unanswered,
            retry_delays: settings.retry_delays.clone(),
        };
        Self {
            clock,
            server: server.to_owned(),
            records: BTreeMap::new(),
            bills: BTreeMap::new(),
            follow_ups: BTreeMap::new(),
            reads: Reads::default(),
            pacer,
            breaker: Breaker::new(settings.breaker_probe),
            rules,
            settings: settings.clone(),
            duplicates: BTreeMap::new(),
            totals: BTreeMap::new(),
            deaths: BTreeMap::new(),
            batches: BTreeMap::new(),
            batch_jobs: BTreeMap::new(),
            commands: BTreeMap::new(),
            inbox: BTreeSet::new(),
            early_cancels: EarlyCancels::default(),
            last_ready_us: 0,
            run_at_counts: BTreeMap::new(),
            rebase: None,
            turns: BTreeMap::new(),
            recheck: Recheck::default(),
            identity: Identity::default(),
            limited: None,
            ends: 0,
        }
    }

    /// Moves job `id` and lets the effects follow. `code` is the failure's, `by` the worker that tells of it, `now`
    /// the script's clock.
    fn apply(&mut self, now: Moment, id: &str, event: &Event, (by, code): (&str, &str)) -> Reply {
        let Some(record) = self.records.get(id) else { return Reply::Impossible };
        let bill = self.bills.get(&record.external_id);
        let at = Circumstances {
            rules: &self.rules,
            now_ms: now.unix_ms(),
            send_within: self.pacer.send_within(now),
            is_breaker_open: self.breaker.is_open()
                || self.breaker.worker(by).is_some_and(|seen| seen.open_state().is_some()),
            successes: self.breaker.successes(),
            answered: self.breaker.answered(),
            answered_at: self.breaker.worker(by).map_or(0, WorkerBreaker::answered_at),
            created_at: self.breaker.worker(by).map_or(0, WorkerBreaker::created_at),
            is_bill_ours: bill.is_some_and(|bill| bill.job == id),
            bill_sent_until_ms: bill.and_then(Bill::sent_until_ms),
        };
        let before = record.job.state;
        let Transition { job, reply, effects } = record.job.clone().apply(event, at);
        let record = self.records.get_mut(id).unwrap();
        // A revival has a ready time of its own.
        let is_waiting =
            job.state == State::Waiting && job.state != before && *event != Event::Retry;
        let is_moved = reply == Reply::Waiting && matches!(event, Event::Finish(..));
        record.job = job;
        // A ready time that a clock ahead of this one gave would keep it back until then.
        if (is_waiting || is_moved) && record.ready_us > now.unix_us() + READY_TOLERATED_US {
            self.last_ready_us = now.unix_us().max(self.last_ready_us + 1);
            record.ready_us = self.last_ready_us;
        }
        if record.job.state != State::Running {
            record.claim_token = None;
        }
        for effect in effects {
            match effect {
                Effect::Observe(seen) => {
                    let change = self.breaker.observe(now, by, (id, code), seen);
                    self.note_change(change);
                    self.note_limited(now, by, seen, change);
                }
                Effect::End { state, effective_until_ms } => {
                    self.end(now, id, before, state);
                    if let Some(bill) = self.bill_of(id) {
                        bill.effective_until_ms = effective_until_ms;
                        bill.is_sent |= effective_until_ms.is_some();
                    }
                }
                other => self.follow(now, id, other),
            }
        }
        reply
    }

    fn follow(&mut self, now: Moment, id: &str, effect: Effect) {
        match effect {
            Effect::Observe(_) | Effect::End { .. } => unreachable!("followed by the caller"),
            Effect::Sent => self.pacer.sent(),
            Effect::Charge => self.count("attempts", 1),
            Effect::Lapsed => self.count("lapsed", 1),
            Effect::Reopen => self.reopen(id),
            Effect::Close(invoice) => {
                self.remember_closed(&self.records[id].external_id.clone(), &invoice);
            }
            Effect::Expire(invoice) => {
                let external_id = self.records[id].external_id.clone();
                self.expire_surplus(now, id, &external_id, &invoice);
            }
            Effect::Audit => self.audit_later(now, id),
        }
    }

    /// Returns the bill that names job `id`.
    fn bill_of(&mut self, id: &str) -> Option<&mut Bill> {
        let external_id = &self.records.get(id)?.external_id;
        self.bills.get_mut(external_id).filter(|bill| bill.job == id)
    }

    fn note_change(&mut self, change: Change) {
        match change {
            Change::Opened => self.count("breaker_opened", 1),
            Change::WorkerOpened | Change::LimitedAloneOpened => self.count("worker_opened", 1),
            Change::None | Change::Closed | Change::Held | Change::LimitedAlone => {}
        }
    }

    /// A 429 of one worker only slows nobody else any more.
    fn note_limited(&mut self, now: Moment, worker: &str, seen: Observation, change: Change) {
        if !seen.is_limited() {
            return;
        }
        if matches!(change, Change::LimitedAlone | Change::LimitedAloneOpened) {
            self.pacer.forget_limited(now, worker);
        } else {
            self.limited = Some(worker.to_owned());
        }
    }

    fn count(&mut self, name: &str, by: i64) {
        *self.totals.entry(name.to_owned()).or_default() += by;
    }

    fn count_batch(&mut self, batch: &str, name: &str, by: i64) {
        if !batch.is_empty() {
            let batch = self.batches.entry(batch.to_owned()).or_default();
            *batch.entry(name.to_owned()).or_default() += by;
        }
    }
}

/// Returns the whole milliseconds of `duration`.
fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap()
}
