//! An account's state in the form that `--json` promises.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use antre_core::AccountName;
use antre_operating::{
    Notice, Unused, estimated_wait, notices, obstacles, recent_strangers, unused_for_long,
};
use antre_store::StoreError;
use antre_store::status::{self, CallerCounts, Status, Totals, WorkerSeen};
use serde::Serialize;

/// One account as it is now.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct StatusView {
    pub(crate) account: String,
    /// Redis' clock, Unix milliseconds, as every instant here.
    pub(crate) now_ms: u64,
    /// Whether a worker ever served it.
    pub(crate) is_known: bool,
    pub(crate) pause: Option<Pause>,
    pub(crate) breaker: Option<Breaker>,
    pub(crate) inbox: u64,
    pub(crate) waiting: Waiting,
    pub(crate) scheduled: u64,
    pub(crate) running: u64,
    pub(crate) done: u64,
    pub(crate) dead: u64,
    pub(crate) follow_ups: u64,
    pub(crate) pace: Pace,
    /// Everything that stops it or one of its workers, a person's pause first.
    pub(crate) obstacles: Vec<Obstacle>,
    /// Seconds until a normal job submitted now would be sent; absent while nobody knows.
    pub(crate) estimated_wait_s: Option<u64>,
    /// Since the beginning.
    pub(crate) totals: BTreeMap<String, u64>,
    pub(crate) workers: Vec<Worker>,
    /// Keys that were not shown to be the account's.
    pub(crate) strangers: Vec<Stranger>,
    /// Why grants come back unused and nothing leaves.
    pub(crate) unused_grants: Option<&'static str>,
    /// What happened lately.
    pub(crate) notices: Vec<Notice>,
    /// What callers of the gateway got in the last hour.
    pub(crate) callers: BTreeMap<String, CallerCounts>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Stranger {
    pub(crate) fingerprint: String,
    pub(crate) worker: String,
    pub(crate) mode: String,
    /// `unproven`, `other_account`, `other_mode`, `no_invoices`, `forbidden`, or the code of a failure.
    pub(crate) reason: String,
    pub(crate) since_ms: u64,
    pub(crate) seen_ms: u64,
}

/// A pause that a person set or must lift.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Pause {
    pub(crate) by: String,
    pub(crate) reason: String,
    pub(crate) since_ms: u64,
    pub(crate) until_ms: Option<u64>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Breaker {
    pub(crate) reason: String,
    pub(crate) since_ms: u64,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Waiting {
    pub(crate) high: u64,
    pub(crate) normal: u64,
    pub(crate) low: u64,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Pace {
    /// One request each.
    pub(crate) interval_ms: u64,
    /// Until a request may leave; absent while nobody knows.
    pub(crate) wait_ms: Option<u64>,
    /// What that waits for.
    pub(crate) wait_reason: &'static str,
    pub(crate) last_sent_ms: Option<u64>,
    /// How much more the delays of requests differ than was configured, as 429s have taught; 0 if that is not known.
    pub(crate) jitter_learned_ms: u64,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Worker {
    pub(crate) name: String,
    pub(crate) seen_ms: u64,
    pub(crate) is_silent: bool,
    pub(crate) version: Option<String>,
    pub(crate) running: Option<usize>,
    pub(crate) concurrency: Option<usize>,
    pub(crate) uptime_s: Option<u64>,
    /// Whether it reaches Xendit.
    pub(crate) is_connected: Option<bool>,
    /// Why only this worker gets no jobs.
    pub(crate) closed: Option<String>,
    /// What keeps it from serving this account.
    pub(crate) trouble: Option<String>,
}

/// One reason, as health tells it too.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Obstacle {
    pub(crate) code: &'static str,
    pub(crate) since_ms: Option<u64>,
    pub(crate) text: String,
    #[serde(skip)]
    pub(crate) headline: &'static str,
}

impl From<antre_operating::Obstacle> for Obstacle {
    fn from(obstacle: antre_operating::Obstacle) -> Self {
        let antre_operating::Obstacle { code, since_ms, text, headline, .. } = obstacle;
        Self { code, since_ms, text, headline }
    }
}

impl StatusView {
    /// Returns the view; `refusal` is what Redis answers to writes.
    pub(crate) fn of(account: &AccountName, status: &Status, refusal: Option<&StoreError>) -> Self {
        let of_redis = refusal.map(antre_operating::Obstacle::of_error);
        let obstacles: Vec<antre_operating::Obstacle> =
            of_redis.into_iter().chain(obstacles(status)).collect();
        let is_standstill = obstacles.iter().any(|obstacle| obstacle.is_standstill);
        let [high, normal, low] = status.waiting;
        Self {
            account: account.to_string(),
            now_ms: status.now_ms,
            is_known: status.is_known(),
            pause: status.pause.clone().map(|pause| Pause {
                by: pause.by,
                reason: pause.reason,
                since_ms: pause.since_ms,
                until_ms: pause.until_ms,
            }),
            breaker: status.breaker.as_ref().map(|breaker| Breaker {
                reason: breaker.reason.clone(),
                since_ms: breaker.since_ms,
            }),
            inbox: status.inbox,
            waiting: Waiting { high, normal, low },
            scheduled: status.scheduled,
            running: status.running,
            done: status.done,
            dead: status.dead,
            follow_ups: status.follow_ups,
            pace: Pace {
                interval_ms: ms(status.interval),
                wait_ms: (!is_standstill).then(|| ms(status.wait)),
                wait_reason: status.wait_reason.as_str(),
                last_sent_ms: (status.sent_us > 0).then_some(status.sent_us / 1_000),
                jitter_learned_ms: ms(status.jitter_learned),
            },
            estimated_wait_s: estimated_wait(status).filter(|_| !is_standstill),
            obstacles: obstacles.into_iter().map(Obstacle::from).collect(),
            totals: totals(&status.totals),
            workers: status.workers.iter().map(|(name, seen)| worker(name, seen, status)).collect(),
            strangers: recent_strangers(status).map(stranger).collect(),
            notices: notices(status),
            callers: status.callers.clone(),
            unused_grants: unused_for_long(status).map(Unused::text),
        }
    }
}

/// Returns what has happened at least once.
fn totals(totals: &Totals) -> BTreeMap<String, u64> {
    let others = totals.others.iter().map(|(name, count)| (name.clone(), *count));
    let known = totals.iter().filter(|(_name, count)| *count > 0);
    known.map(|(name, count)| (name.to_owned(), count)).chain(others).collect()
}

fn stranger(stranger: &status::Stranger) -> Stranger {
    Stranger {
        fingerprint: stranger.fingerprint.clone(),
        worker: stranger.worker.clone(),
        mode: stranger.mode.clone(),
        reason: stranger.reason.clone(),
        since_ms: stranger.since_ms,
        seen_ms: stranger.seen_ms,
    }
}

fn worker(name: &str, seen: &WorkerSeen, status: &Status) -> Worker {
    let said = seen.said.clone();
    Worker {
        name: name.to_owned(),
        seen_ms: seen.seen_ms,
        is_silent: !seen.is_live(status.now_ms),
        version: said.version.map(Cow::into_owned),
        running: said.running,
        concurrency: said.concurrency,
        uptime_s: said.uptime_s,
        is_connected: said.is_connected,
        closed: status.closed_workers.get(name).map(|breaker| breaker.reason.clone()),
        trouble: said.trouble,
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
