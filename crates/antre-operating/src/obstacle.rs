//! Why nothing is sent, or not by everybody: the one place that turns what Redis holds into reasons.
//!
//! `antre status`, `antre check`, health and a waiting `antre enqueue` show these, in this order. A new reason is
//! one function here. What Redis itself refuses is told by its error.

use std::time::Duration;

use antre_store::{
    StoreError,
    status::{Status, WORKER_SILENT, WaitReason, WorkerSeen},
};

use crate::{
    idle::{STALLED_AFTER, idle_since_us, is_stalled, unused_for_long},
    strangers::recent_strangers,
    words::{of_breaker, of_closed_worker, of_stranger},
};

/// A wait for Xendit's quota that people need not hear of.
const QUOTA_WAIT_MIN: Duration = Duration::from_secs(2);
/// Workers and keys that are named for one reason.
const NAMED_MAX: usize = 5;

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// Its name, for programs.
    pub code: &'static str,
    /// Its name, for people.
    pub headline: &'static str,
    /// Unix milliseconds of Redis' clock, where it is known.
    pub since_ms: Option<u64>,
    /// What is the matter and what to do, for people.
    pub text: String,
    /// Whether nothing at all is sent, for a time that nobody knows.
    pub is_standstill: bool,
    /// Whether something is wrong that somebody must mend, and not only wanted or passing.
    pub is_fault: bool,
}

impl Obstacle {
    /// Returns the reason that lies in Redis itself.
    pub fn of_error(error: &StoreError) -> Self {
        Self::new("redis_unavailable", "REDIS", error.to_string()).standstill().fault()
    }

    fn new(code: &'static str, headline: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { code, headline, since_ms: None, text, is_standstill: false, is_fault: false }
    }

    fn since(self, since_ms: u64) -> Self {
        Self { since_ms: Some(since_ms), ..self }
    }

    fn standstill(self) -> Self {
        Self { is_standstill: true, ..self }
    }

    fn fault(self) -> Self {
        Self { is_fault: true, ..self }
    }
}

/// Returns every reason why nothing is sent, or not by everybody; a person's pause comes first.
pub fn obstacles(status: &Status) -> Vec<Obstacle> {
    let of_account = [
        held(status),
        broken(status),
        limited(status),
        unused(status),
        stalled(status),
        unserved(status),
        unconnected(status),
    ];
    let mut found: Vec<Obstacle> = of_account.into_iter().flatten().collect();
    found.extend(troubled_workers(status));
    found.extend(closed_workers(status));
    found.extend(strangers(status));
    found
}

/// Returns whether nothing is sent for a time that nobody knows: every estimate would be a guess.
pub fn is_standstill(status: &Status) -> bool {
    obstacles(status).iter().any(|obstacle| obstacle.is_standstill)
}

/// Nothing is sent until somebody resumes, or the time that somebody set is over.
fn held(status: &Status) -> Option<Obstacle> {
    let pause = status.pause.as_ref()?;
    let reason = if pause.reason.is_empty() { "no reason given" } else { &pause.reason };
    if pause.by == "antre" {
        let text = format!("paused by itself ({reason}): look into it, then antre resume");
        return Some(
            Obstacle::new("rejections", "PAUSED", text).since(pause.since_ms).standstill(),
        );
    }
    let Some(until_ms) = pause.until_ms else {
        let text = format!("paused by {} until antre resume: {reason}", pause.by);
        return Some(Obstacle::new("paused", "PAUSED", text).since(pause.since_ms).standstill());
    };
    let left_s = until_ms.saturating_sub(status.now_ms).div_ceil(1_000);
    let text = format!("paused by {} for another {left_s} s: {reason}", pause.by);
    Some(Obstacle::new("paused", "PAUSED", text).since(pause.since_ms))
}

fn broken(status: &Status) -> Option<Obstacle> {
    let breaker = status.breaker.as_ref()?;
    Some(
        Obstacle::new("breaker_open", "BREAKER OPEN", of_breaker(breaker))
            .since(breaker.since_ms)
            .standstill(),
    )
}

/// Xendit said when it takes requests again.
fn limited(status: &Status) -> Option<Obstacle> {
    let least = match status.wait_reason {
        WaitReason::Limited => Duration::ZERO,
        // A quota that is used up for a moment is how a busy account looks.
        WaitReason::Quota => QUOTA_WAIT_MIN,
        WaitReason::Pace
        | WaitReason::Limit
        | WaitReason::Pause
        | WaitReason::Breaker
        | WaitReason::Paused
        | WaitReason::Replica
        | WaitReason::Alone => return None,
    };
    if status.wait <= least {
        return None;
    }
    let left_s = status.wait.as_secs() + u64::from(status.wait.subsec_nanos() > 0);
    let text = format!("Xendit limits requests: nothing is sent for another {left_s} s");
    Some(Obstacle::new(status.wait_reason.as_str(), "LIMITED", text))
}

/// Grants come back unused and nothing leaves.
fn unused(status: &Status) -> Option<Obstacle> {
    let unused = unused_for_long(status)?;
    let obstacle = Obstacle::new("unused_grants", "NOTHING IS SENT", unused.text());
    Some(obstacle.since(unused.since_ms).standstill().fault())
}

fn stalled(status: &Status) -> Option<Obstacle> {
    if !is_stalled(status, STALLED_AFTER) {
        return None;
    }
    let since_ms = idle_since_us(status) / 1_000;
    let stalled_s = STALLED_AFTER.as_secs();
    let text =
        format!("work is ready and may be sent, but nothing was sent for more than {stalled_s} s");
    Some(Obstacle::new("stalled", "STALLED", text).since(since_ms).standstill())
}

fn unserved(status: &Status) -> Option<Obstacle> {
    if status.is_served() {
        return None;
    }
    let silent_s = WORKER_SILENT.as_secs();
    let text = format!(
        "no worker that serves this account has given a sign of life for {silent_s} s: start one with antre worker"
    );
    let obstacle = Obstacle::new("no_worker", "NO WORKER", text).standstill();
    let last_ms = status.workers.values().map(|seen| seen.seen_ms).max();
    Some(Obstacle { since_ms: last_ms.filter(|last_ms| *last_ms > 0), ..obstacle })
}

/// Without a connection nothing is claimed, so no request fails and no breaker opens.
fn unconnected(status: &Status) -> Option<Obstacle> {
    let can_connect = |(_, seen): (_, &WorkerSeen)| seen.said.is_connected != Some(false);
    if !status.is_served() || status.live_workers().any(can_connect) {
        return None;
    }
    let text = "no worker can open a connection to Xendit, so jobs wait: look at the network, DNS and base_url";
    Some(Obstacle::new("no_connection", "NO CONNECTION", text).standstill().fault())
}

/// Workers that live and do not serve, each with the last error that stops it.
fn troubled_workers(status: &Status) -> Vec<Obstacle> {
    let are_all = status.live_workers().all(|(_, seen)| seen.said.trouble.is_some());
    let obstacle = |(name, seen): (&str, &WorkerSeen)| {
        let trouble = seen.said.trouble.as_ref()?;
        let text = format!("worker {name} does not serve this account: {trouble}");
        let obstacle = Obstacle::new("worker_trouble", "WORKER IN TROUBLE", text).fault();
        Some(Obstacle { is_standstill: are_all, ..obstacle })
    };
    status.live_workers().filter_map(obstacle).take(NAMED_MAX).collect()
}

fn closed_workers(status: &Status) -> Vec<Obstacle> {
    let obstacle = |(worker, _): (&str, _)| {
        let breaker = status.closed_workers.get(worker)?;
        let text = of_closed_worker(worker, &breaker.reason);
        Some(Obstacle::new("worker_closed", "WORKER CLOSED", text).since(breaker.since_ms))
    };
    status.live_workers().filter_map(obstacle).take(NAMED_MAX).collect()
}

fn strangers(status: &Status) -> Vec<Obstacle> {
    let strangers = recent_strangers(status).take(NAMED_MAX);
    strangers
        .map(|stranger| {
            Obstacle::new("stranger", "STRANGER", of_stranger(stranger)).since(stranger.since_ms)
        })
        .collect()
}

#[cfg(test)]
mod tests;
