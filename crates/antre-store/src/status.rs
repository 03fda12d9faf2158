//! An account at one instant: the figures and state that one script reads.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use antre_core::mode::Mode;
use redis::Value;
use serde::Deserialize;

pub use self::{
    callers::CallerCounts,
    heartbeat::Heartbeat,
    in_force::InForce,
    recorded::RecordedEvent,
    totals::Totals,
    unused::Unused,
    wait_reason::WaitReason,
    workers::{WORKER_SILENT, WorkerSeen},
};
use crate::{
    Queue, StoreError,
    decode::{Fields, Reply},
    script::{NO_ARGUMENTS, STATUS},
};

mod callers;
mod heartbeat;
pub(crate) mod in_force;
mod recorded;
mod reply;
#[cfg(test)]
mod tests;
mod totals;
mod unused;
mod wait_reason;
mod workers;

/// An account as it is at one instant.
#[derive(Debug, Clone, Default)]
pub struct Status {
    /// Redis' clock, Unix milliseconds.
    pub now_ms: u64,
    /// Submitted, not accepted yet.
    pub inbox: u64,
    /// Waiting jobs by priority: high, normal, low.
    pub waiting: [u64; 3],
    /// All scheduled jobs.
    pub scheduled: u64,
    /// Scheduled jobs due within the hour.
    pub scheduled_soon: u64,
    /// Jobs whose request runs.
    pub running: u64,
    /// Done jobs that are kept.
    pub done: u64,
    /// Dead jobs that are kept.
    pub dead: u64,
    /// Follow-ups that are left.
    pub follow_ups: u64,
    /// Jobs whose last request failed, since the last success.
    pub suspects: u64,
    /// High and low jobs that would be sent before a normal job submitted now.
    pub ahead: [u64; 2],
    /// The pace in force: one request each.
    pub interval: Duration,
    /// How long until a request may leave.
    pub wait: Duration,
    /// What that waits for.
    pub wait_reason: WaitReason,
    /// The send deadline in force.
    pub send_within: Duration,
    /// How much one-way delays to Xendit may differ by the pace in force.
    pub jitter_allowance: Duration,
    /// How much of that 429s have taught.
    pub jitter_learned: Duration,
    /// When the last request was allowed to leave, Unix microseconds; 0 if never.
    pub sent_us: u64,
    /// Since when the oldest waiting job is ready, Unix microseconds; 0 if none waits.
    pub oldest_ready_us: u64,
    /// Why nothing is sent, if the machine or a person decided so.
    pub pause: Option<Pause>,
    /// Why the account's breaker is open, if it is; also when that of every live worker is.
    pub breaker: Option<Breaker>,
    /// The last grant that came back unused.
    pub unused: Option<UnusedGrant>,
    /// When jobs got an invoice that had been paid before, the last two times, the last one first; Unix milliseconds,
    /// 0 if never.
    pub already_paid_ms: [u64; 2],
    /// Whose account it is at Xendit, as far as that is known.
    pub owner: Owner,
    /// Keys that were not shown to be this account's, and the workers that have them.
    pub strangers: Vec<Stranger>,
    /// What scripts have noted for people, by its code.
    pub recorded: Vec<RecordedEvent>,
    /// Workers that alone have trouble, and why.
    pub closed_workers: HashMap<String, Breaker>,
    /// Counters since the beginning.
    pub totals: Totals,
    /// The limits in force, and what else is kept beside them; absent when no worker ever served this account.
    pub in_force: Option<InForce>,
    /// Workers by name, each with its last heartbeat.
    pub workers: BTreeMap<String, WorkerSeen>,
    /// What callers of the gateway got in the last hour, by name.
    pub callers: BTreeMap<String, CallerCounts>,
}

/// A pause that a person set, or that waits for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Since when, Unix milliseconds.
    pub since_ms: u64,
    /// Until when, Unix milliseconds; until resumed if absent.
    pub until_ms: Option<u64>,
}

/// An open breaker, of an account or of one worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breaker {
    /// The code of the failure that opened it.
    pub reason: String,
    /// Since when, Unix milliseconds.
    pub since_ms: u64,
    /// Whether look-ups are answered, so that only creates are held back.
    pub is_for_creates: bool,
}

/// A grant that came back unused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedGrant {
    /// When, Unix milliseconds.
    pub at_ms: u64,
    /// No replica confirmed the claim; else it was too late to be sent.
    pub is_unreplicated: bool,
}

/// Whose account it is at Xendit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owner {
    /// Xendit's `user_id`, once an answer named it.
    pub user_id: Option<String>,
    /// The mode of the keys.
    pub mode: Option<Mode>,
    /// Fingerprints of the keys that belong to it.
    pub keys: Vec<String>,
    /// Whether a create was granted, or may have been by a server that is gone; before that, the last key that works
    /// is right.
    pub may_have_sent: bool,
}

/// A key that was not shown to be this account's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Stranger {
    /// The fingerprint of the key and address.
    #[serde(skip)]
    pub fingerprint: String,
    /// The worker that showed it last.
    pub worker: String,
    /// The mode of the key.
    pub mode: String,
    /// Why: see `Claim::Stranger`.
    pub reason: String,
    /// The account at Xendit that it belongs to, if an answer named one.
    pub user_id: String,
    /// Since when, Unix milliseconds.
    #[serde(rename = "since")]
    pub since_ms: u64,
    /// When it was shown last, Unix milliseconds.
    #[serde(rename = "seen")]
    pub seen_ms: u64,
}

impl Status {
    /// Returns whether a worker has ever served this account.
    pub fn is_known(&self) -> bool {
        self.in_force.is_some()
    }

    /// Returns all waiting jobs.
    pub fn waiting_total(&self) -> u64 {
        self.waiting.iter().sum()
    }
}

impl Queue {
    /// Reads the account's status; O(log n) whatever the backlog.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn status(&self) -> Result<Status, StoreError> {
        let items: Vec<Value> = self.run(&STATUS, NO_ARGUMENTS).await?;
        let mut parts = Reply::new("status", items);
        let figures: Fields = parts.next()?;
        let pacer: Fields = parts.next()?;
        let mut status = reply::account(&figures, &pacer);
        status.totals = Totals::decode(parts.next()?);
        status.in_force = in_force::decode(&parts.next()?, &pacer);
        status.workers = workers::decode(parts.next()?);
        status.owner = reply::owner(&parts.next()?);
        status.strangers = reply::strangers(parts.next()?);
        status.recorded = recorded::decode(&parts.next()?);
        status.closed_workers = reply::breakers(parts.next::<HashMap<String, Fields>>()?);
        status.callers = callers::decode(&parts.next::<Vec<Fields>>()?);
        status.breaker = status.breaker.take().or_else(|| status.breaker_of_all_workers());
        Ok(status)
    }
}
