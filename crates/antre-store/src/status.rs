//! One consistent picture of an account.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use antre_core::limit::Limits;
use antre_core::mode::Mode;
use redis::Value;
use serde::Deserialize;

pub use self::{
    notices::Notice,
    obstacle::{Obstacle, STALLED_AFTER},
    totals::Totals,
    words::{NO_REPLICA, UNREPLICATED_AFTER, UNUSED_AFTER},
    workers::{WORKER_SILENT, WorkerSeen},
};
use crate::{
    Queue, StoreError,
    claim::WaitReason,
    decode::{Fields, Reply},
    script::STATUS,
};

mod notices;
mod obstacle;
mod reply;
#[cfg(test)]
mod tests;
mod totals;
mod words;
mod workers;

const NO_ARGUMENTS: &[&str] = &[];

const DAY_MS: u64 = 24 * 3600 * 1000;

/// A key that nobody has shown for this long is taken for gone.
const STRANGER_SILENT_MS: u64 = 60_000;

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
    /// What scripts have noted for people: see [`Status::notices`].
    pub recorded: Vec<Notice>,
    /// Workers that alone have trouble, and why.
    pub closed_workers: HashMap<String, Breaker>,
    /// Counters since the beginning.
    pub totals: Totals,
    /// The limits in force, and what else is kept beside them; absent when no worker ever served this account.
    pub in_force: Option<InForce>,
    /// Workers by name, each with its last heartbeat.
    pub workers: BTreeMap<String, WorkerSeen>,
}

/// What holds for an account, whichever worker acts, as far as others look at it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InForce {
    /// The account's limits; absent when they cannot be read.
    pub limits: Option<Limits>,
    /// Whether the account's server was seen with a replica, which must confirm claims since.
    pub is_replicated: bool,
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

/// Why nothing leaves although requests are granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unused {
    /// No replica confirms claims; else grants come too late to be used.
    pub is_unreplicated: bool,
    /// Since when, Unix milliseconds.
    pub since_ms: u64,
}

impl Unused {
    /// Returns what it means and what to do, for a person.
    pub fn text(self) -> &'static str {
        if self.is_unreplicated {
            NO_REPLICA
        } else {
            "redis answers too late for the send deadline, so nothing is sent: run workers nearer to redis, or raise send_within"
        }
    }
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
    /// Why: see [`crate::claim::Claim::Stranger`].
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

impl Stranger {
    /// Returns what a reason means and what to do, for a person.
    pub fn explain(reason: &str) -> String {
        let text = match reason {
            "unproven" => {
                "nothing shows yet whose the key is; it is asked again by itself, or run antre account accept-key if it is right"
            }
            "other_account" => {
                "the key is of another account at Xendit: give the worker this account's key"
            }
            "other_mode" => {
                "the key is of another mode (test or live): give the worker a key of this account's mode"
            }
            "no_invoices" => {
                "the key's account has no invoices although this one has: give the worker this account's key"
            }
            "forbidden" => {
                "the key may not read invoices, so it cannot show whose it is: run antre account accept-key if it is right"
            }
            code => {
                return format!(
                    "no answer to the question whose the key is ({code}); it is asked again"
                );
            }
        };
        text.to_owned()
    }
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

    /// Returns whether work has been ready and allowed for `limit`, and nothing was sent: the watchdog's condition.
    pub fn is_stalled(&self, limit: Duration) -> bool {
        let idle_since_us = self.sent_us.max(self.oldest_ready_us);
        let idle = Duration::from_micros((self.now_ms * 1000).saturating_sub(idle_since_us));
        let is_allowed = self.pause.is_none() && self.breaker.is_none() && self.wait.is_zero();
        self.waiting_total() > 0 && is_allowed && idle > limit
    }

    /// Returns the keys that were shown within the last minute and are not known to be the account's.
    pub fn recent_strangers(&self) -> impl Iterator<Item = &Stranger> {
        let since_ms = self.now_ms.saturating_sub(STRANGER_SILENT_MS);
        self.strangers.iter().filter(move |stranger| stranger.seen_ms >= since_ms)
    }

    /// Returns why grants come back unused, when work is ready and nothing was sent for long.
    pub fn unused_for_long(&self) -> Option<Unused> {
        let unused = self.unused.as_ref()?;
        let is_unreplicated = unused.is_unreplicated;
        let limit = if is_unreplicated { UNREPLICATED_AFTER } else { UNUSED_AFTER };
        let idle_since_ms = self.sent_us.max(self.oldest_ready_us) / 1000;
        let is_idle = self.silence(idle_since_ms) > limit;
        let is_recent = self.silence(unused.at_ms) < UNUSED_AFTER;
        let has_work = self.waiting_total() > 0;
        (has_work && is_idle && is_recent)
            .then_some(Unused { is_unreplicated, since_ms: idle_since_ms })
    }

    /// Returns what happened lately and explains itself nowhere else.
    pub fn notices(&self) -> Vec<Notice> {
        let recorded = self.recorded.iter().cloned();
        recorded
            .chain(notices::of_silence(self))
            .chain(notices::of_killed(self))
            .chain(notices::of_paid(self))
            .collect()
    }

    /// Returns how long ago an instant was.
    fn silence(&self, since_ms: u64) -> Duration {
        Duration::from_millis(self.now_ms.saturating_sub(since_ms))
    }

    /// Returns since when bills get invoices that were paid before, if that happened more than once within the last
    /// day: probably one `external_id` is used for several bills, and those are not billed.
    pub fn already_paid_since_ms(&self) -> Option<u64> {
        let [last_ms, before_ms] = self.already_paid_ms;
        let is_repeated = before_ms > 0 && before_ms + DAY_MS > last_ms;
        (is_repeated && last_ms + DAY_MS > self.now_ms).then_some(before_ms)
    }
}

impl Queue {
    /// Reads the account's picture; O(log n) whatever the backlog.
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
        status.in_force = reply::in_force(&parts.next()?);
        status.workers = workers::decode(parts.next()?);
        status.owner = reply::owner(&parts.next()?);
        status.strangers = reply::strangers(parts.next()?);
        status.recorded = notices::decode(&parts.next()?, status.now_ms);
        status.closed_workers = reply::breakers(parts.next::<HashMap<String, Fields>>()?);
        status.breaker = status.breaker.take().or_else(|| status.breaker_of_all_workers());
        Ok(status)
    }
}
