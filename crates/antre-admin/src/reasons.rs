//! Why the queue is not simply healthy: pure rules over what Redis holds.

use std::time::Duration;

use antre_store::status::{
    ALREADY_PAID, Breaker, Status, Stranger, UNUSED_AFTER, WORKER_SILENT_MS,
};
use serde::Serialize;
use serde_json::Value;

use crate::figures::Figures;

const PENDING_MAX: u64 = 100;
const FAILED_MAX: u64 = 50;
/// How long work may be ready and allowed without a request.
const STALLED_AFTER: Duration = Duration::from_secs(10);
/// Workers that are named in reasons of one kind.
const NAMED_MAX: usize = 5;

/// How well the queue does, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Health {
    Healthy,
    Processing,
    Stressed,
    Degraded,
    Unhealthy,
}

/// One reason, as the health route tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Reason {
    pub(crate) code: &'static str,
    /// Absent when all accounts together are the reason.
    pub(crate) account: Option<String>,
    /// Unix milliseconds of Redis' clock, where it is known.
    pub(crate) since: Option<u64>,
    /// For a person.
    pub(crate) text: String,
    /// What it makes of the whole.
    #[serde(skip)]
    pub(crate) health: Health,
}

impl Reason {
    pub(crate) fn new(code: &'static str, health: Health, text: impl Into<String>) -> Self {
        Self { code, account: None, since: None, text: text.into(), health }
    }

    pub(crate) fn of(mut self, account: &str) -> Self {
        self.account = Some(account.to_owned());
        self
    }

    fn since(mut self, unix_ms: u64) -> Self {
        self.since = Some(unix_ms);
        self
    }
}

/// Returns the health that the figures and reasons amount to.
pub(crate) fn health(figures: &Figures, reasons: &[Reason]) -> Health {
    let idle = if figures.is_processing { Health::Processing } else { Health::Healthy };
    reasons.iter().map(|reason| reason.health).fold(idle, Health::max)
}

/// Returns the reasons that lie in the figures.
pub(crate) fn of_figures(figures: &Figures) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if figures.failed > FAILED_MAX {
        let text = format!("{} failed invoices wait for a person: antre dead list", figures.failed);
        reasons.push(Reason::new("failed", Health::Degraded, text));
    }
    if figures.pending > PENDING_MAX {
        let text = format!(
            "{} pending invoices; one submitted now is sent in about {} s",
            figures.pending, figures.estimated_wait_time
        );
        reasons.push(Reason::new("pending", Health::Stressed, text));
    }
    reasons
}

/// Returns the reasons that lie in one account; a person's pause comes first.
pub(crate) fn of_account(account: &str, status: &Status) -> Vec<Reason> {
    let found = [
        held(status),
        broken(status),
        limited(status),
        stalled(status),
        unserved(status),
        unconnected(status),
        unused(status),
        already_paid(status),
    ];
    let workers = closed_workers(status).into_iter().chain(strangers(status));
    found.into_iter().flatten().chain(workers).map(|reason| reason.of(account)).collect()
}

/// Nothing is sent until somebody resumes, or the time that somebody set is over.
fn held(status: &Status) -> Option<Reason> {
    let pause = status.pause.as_ref()?;
    let is_automatic = pause.by == "antre";
    let reason = if is_automatic {
        let text = format!("paused by itself ({}): look into it, then antre resume", pause.reason);
        Reason::new("rejections", Health::Degraded, text)
    } else {
        let left_ms = pause.until_ms.map(|until_ms| until_ms.saturating_sub(status.now_ms));
        let end = left_ms.map_or("until antre resume".to_owned(), |left_ms| {
            format!("for another {} s", left_ms.div_ceil(1000))
        });
        let text = format!("paused by {} {end}: {}", pause.by, pause.reason);
        Reason::new("paused", Health::Degraded, text)
    };
    Some(reason.since(pause.since_ms))
}

fn broken(status: &Status) -> Option<Reason> {
    let breaker = status.breaker.as_ref()?;
    Some(Reason::new("breaker_open", Health::Degraded, breaker.text()).since(breaker.since_ms))
}

/// Xendit said when it takes requests again.
fn limited(status: &Status) -> Option<Reason> {
    let code = match status.wait_reason.as_str() {
        "limited" => "limited",
        "quota" => "quota",
        _ => return None,
    };
    if status.wait.is_zero() {
        return None;
    }
    let left_s = status.wait.as_secs() + u64::from(status.wait.subsec_nanos() > 0);
    let text = format!("Xendit limits requests: nothing is sent for another {left_s} s");
    Some(Reason::new(code, Health::Degraded, text))
}

fn stalled(status: &Status) -> Option<Reason> {
    if !status.is_stalled(STALLED_AFTER) {
        return None;
    }
    let since_ms = status.sent_us.max(status.oldest_ready_us) / 1000;
    let text = "work is ready and may be sent, but nothing was sent for more than 10 s";
    Some(Reason::new("stalled", Health::Degraded, text).since(since_ms))
}

/// Grants come back unused and nothing leaves.
fn unused(status: &Status) -> Option<Reason> {
    let unused = status.unused_for(UNUSED_AFTER)?;
    Some(Reason::new("unused_grants", Health::Degraded, unused.text()).since(unused.since_ms))
}

/// Bills that are not billed, because they have the name of one that is paid.
fn already_paid(status: &Status) -> Option<Reason> {
    let since_ms = status.already_paid_since_ms()?;
    Some(Reason::new("already_paid", Health::Degraded, ALREADY_PAID).since(since_ms))
}

fn closed_workers(status: &Status) -> Vec<Reason> {
    let mut workers: Vec<_> = status.closed_workers.iter().collect();
    workers.sort_by(|one, other| one.0.cmp(other.0));
    let live: Vec<&str> = status.live_workers().collect();
    workers.retain(|(worker, _)| live.contains(&worker.as_str()));
    let reason = |(worker, breaker): (&String, &Breaker)| {
        let text = breaker.text_of_worker(worker);
        Reason::new("worker_closed", Health::Degraded, text).since(breaker.since_ms)
    };
    workers.into_iter().take(NAMED_MAX).map(reason).collect()
}

fn strangers(status: &Status) -> Vec<Reason> {
    let reason = |stranger: &Stranger| {
        Reason::new("stranger", Health::Degraded, stranger.text()).since(stranger.since_ms)
    };
    status.recent_strangers().take(NAMED_MAX).map(reason).collect()
}

fn unserved(status: &Status) -> Option<Reason> {
    if has_live_worker(status) {
        return None;
    }
    let text = "no worker that serves this account has given a sign of life for 15 s";
    let reason = Reason::new("no_worker", Health::Degraded, text);
    let last_ms = status.workers.values().filter_map(|json| seen_ms(&heartbeat(json)?)).max();
    Some(match last_ms {
        Some(last_ms) => reason.since(last_ms),
        None => reason,
    })
}

/// Without a connection nothing is claimed, so no request fails and no breaker opens.
fn unconnected(status: &Status) -> Option<Reason> {
    let mut workers = live_workers(status).peekable();
    workers.peek()?;
    if workers.any(|worker| worker.get("is_connected") != Some(&Value::Bool(false))) {
        return None;
    }
    let text = "no worker can open a connection to Xendit; jobs wait";
    Some(Reason::new("no_connection", Health::Degraded, text))
}

/// Returns the reason of an account that is not this worker's: jobs come in and nobody takes them.
pub(crate) fn of_foreign(account: &str, status: &Status) -> Option<Reason> {
    if status.inbox == 0 || has_live_worker(status) {
        return None;
    }
    let text = format!("{} jobs are in the inbox and no worker serves the account", status.inbox);
    Some(Reason::new("unserved_inbox", Health::Degraded, text).of(account))
}

pub(crate) fn has_live_worker(status: &Status) -> bool {
    live_workers(status).next().is_some()
}

/// Returns the last heartbeats of those workers that gave one lately.
fn live_workers(status: &Status) -> impl Iterator<Item = Value> {
    let since_ms = status.now_ms.saturating_sub(WORKER_SILENT_MS);
    let heartbeats = status.workers.values().filter_map(|json| heartbeat(json));
    heartbeats.filter(move |worker| seen_ms(worker).is_some_and(|seen_ms| seen_ms >= since_ms))
}

fn heartbeat(json: &str) -> Option<Value> {
    serde_json::from_str(json).ok()
}

fn seen_ms(heartbeat: &Value) -> Option<u64> {
    heartbeat.get("seen_ms")?.as_u64()
}

#[cfg(test)]
mod tests;
