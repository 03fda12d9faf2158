//! How well the queue does, and why it is not simply healthy: what stops it ([`Obstacle`]), what happened lately
//! ([`Notice`]), and what its figures say.

use std::borrow::Cow;

use antre_store::status::Status;
use serde::Serialize;

use crate::{
    figures::Figures,
    notices::{Notice, notices},
    obstacle::{Obstacle, obstacles},
};

const PENDING_MAX: u64 = 100;
const FAILED_MAX: u64 = 50;

/// How well the queue does, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// Nothing waits.
    Healthy,
    /// It works, and at most something explains itself.
    Processing,
    /// It works, and much waits.
    Stressed,
    /// Something keeps work from being done.
    Degraded,
    /// There is no Redis that takes writes.
    Unhealthy,
}

/// One reason, as the health route tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Its name, for programs.
    pub code: Cow<'static, str>,
    /// Absent when all accounts together are the reason.
    pub account: Option<String>,
    /// Unix milliseconds of Redis' clock, where it is known.
    pub since: Option<u64>,
    /// For a person.
    pub text: String,
    /// What it makes of the whole.
    #[serde(skip)]
    pub health: Health,
}

impl Reason {
    fn new(code: impl Into<Cow<'static, str>>, health: Health, text: impl Into<String>) -> Self {
        Self { code: code.into(), account: None, since: None, text: text.into(), health }
    }

    fn of(mut self, account: &str) -> Self {
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
impl From<Notice> for Reason {
    fn from(notice: Notice) -> Self {
        let health = if notice.is_trouble { Health::Degraded } else { Health::Processing };
        let reason = Self::new(notice.code, health, notice.text);
        Self { since: Some(notice.since_ms), ..reason }
    }
}

/// The figures of accounts, and why they are not simply healthy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QueueHealth {
    /// The figures of all of them together.
    #[serde(flatten)]
    pub figures: Figures,
    /// Why, account by account; what lies in the figures comes last.
    pub reasons: Vec<Reason>,
}

impl QueueHealth {
    /// Returns the health that the figures and reasons amount to.
    pub fn health(&self) -> Health {
        health(&self.figures, &self.reasons)
    }
}

/// Judges accounts together, by name; `foreign` are the reasons of other accounts: see [`of_foreign`].
pub fn judge(accounts: &[(&str, &Status)], foreign: Vec<Reason>) -> QueueHealth {
    let figures = Figures::of_all(accounts.iter().map(|(_name, status)| *status));
    let mut reasons: Vec<Reason> =
        accounts.iter().flat_map(|(name, status)| of_account(name, status)).collect();
    reasons.extend(foreign);
    reasons.extend(of_figures(&figures));
    QueueHealth { figures, reasons }
}

fn health(figures: &Figures, reasons: &[Reason]) -> Health {
    let idle = if figures.is_processing { Health::Processing } else { Health::Healthy };
    reasons.iter().map(|reason| reason.health).fold(idle, Health::max)
}

/// Returns the reasons that lie in the figures.
fn of_figures(figures: &Figures) -> Vec<Reason> {
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
fn of_account(account: &str, status: &Status) -> Vec<Reason> {
    let stopping = obstacles(status).into_iter().map(Reason::from);
    stopping.chain(notices(status).into_iter().map(Reason::from)).map(|it| it.of(account)).collect()
}

/// Returns the reason of an account that is not this worker's: jobs come in and nobody takes them.
pub fn of_foreign(account: &str, status: &Status) -> Option<Reason> {
    if status.inbox == 0 || status.is_served() {
        return None;
    }
    let text = format!("{} jobs are in the inbox and no worker serves the account", status.inbox);
    Some(Reason::new("unserved_inbox", Health::Degraded, text).of(account))
}

#[cfg(test)]
mod tests;
