//! Why the queue is not simply healthy: what stops it ([`antre_store::status::Obstacle`]), and what its figures say.

use std::borrow::Cow;

use antre_store::status::{Notice, Obstacle, Status};
use serde::Serialize;

use crate::figures::Figures;

const PENDING_MAX: u64 = 100;
const FAILED_MAX: u64 = 50;

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
    pub(crate) code: Cow<'static, str>,
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
    pub(crate) fn new(
        code: impl Into<Cow<'static, str>>,
        health: Health,
        text: impl Into<String>,
    ) -> Self {
        Self { code: code.into(), account: None, since: None, text: text.into(), health }
    }

    pub(crate) fn of(mut self, account: &str) -> Self {
        self.account = Some(account.to_owned());
        self
    }
}

/// Each of them keeps work from being done; without Redis, nothing is.
impl From<Obstacle> for Reason {
    fn from(obstacle: Obstacle) -> Self {
        let is_redis = obstacle.code == "redis_unavailable";
        let health = if is_redis { Health::Unhealthy } else { Health::Degraded };
        Self { since: obstacle.since_ms, ..Self::new(obstacle.code, health, obstacle.text) }
    }
}

/// What happened lately explains what people see; some of it goes on.
impl From<&Notice> for Reason {
    fn from(notice: &Notice) -> Self {
        let health = if notice.is_trouble { Health::Degraded } else { Health::Processing };
        let reason = Self::new(notice.code.clone(), health, notice.text.clone());
        Self { since: Some(notice.since_ms), ..reason }
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
        let text = match figures.estimated_wait_time {
            Some(wait_s) => format!(
                "{} pending invoices; one submitted now is sent in about {wait_s} s",
                figures.pending
            ),
            None => format!("{} pending invoices", figures.pending),
        };
        reasons.push(Reason::new("pending", Health::Stressed, text));
    }
    reasons
}

/// Returns the reasons that lie in one account; a person's pause comes first.
pub(crate) fn of_account(account: &str, status: &Status) -> Vec<Reason> {
    let obstacles = status.obstacles().into_iter().map(Reason::from);
    obstacles.chain(status.notices().iter().map(Reason::from)).map(|it| it.of(account)).collect()
}

/// Returns the reason of an account that is not this worker's: jobs come in and nobody takes them.
pub(crate) fn of_foreign(account: &str, status: &Status) -> Option<Reason> {
    if status.inbox == 0 || status.is_served() {
        return None;
    }
    let text = format!("{} jobs are in the inbox and no worker serves the account", status.inbox);
    Some(Reason::new("unserved_inbox", Health::Degraded, text).of(account))
}

#[cfg(test)]
mod tests;
