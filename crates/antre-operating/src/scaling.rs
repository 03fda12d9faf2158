//! How many workers are of use, and what there is to do.

use std::time::Duration;

use antre_core::limit::Limit;
use antre_store::{request_time::RequestTime, status::Status};
use serde::Serialize;

use crate::estimate::estimated_wait;

/// How long requests are taken to last while no request was ever measured.
pub const P95_UNKNOWN: Duration = Duration::from_secs(1);
/// How many requests of a worker are taken to run at once while no worker has said so: the option's default.
pub const CONCURRENCY_UNKNOWN: usize = 5;
/// Fewer do not survive the loss of one.
const WORKERS_MIN: u64 = 2;

/// What there is to know of an account that workers are started and ended for.
#[derive(Debug, Clone, Copy)]
pub struct AccountLoad<'a> {
    /// The account.
    pub status: &'a Status,
    /// How long its requests took lately, where a worker ever wrote it.
    pub request_time: Option<RequestTime>,
}

/// How many workers are of use, and what there is to do for them, as JSON has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scaling {
    /// More workers than these cannot send more, because of the limit.
    ///
    /// `max(2, ceil(pace × p95 of a request's time ÷ concurrency))`: so many requests are under way when all leave at
    /// the pace of the account's first limit, and a worker has `concurrency` places for them. The backlog does not
    /// count: it does not make the limit larger. Each worker serves all accounts, and has places of its own for each
    /// of them; so of several accounts the largest number counts, and not the sum.
    pub useful_workers: u64,
    /// Submitted and waiting jobs.
    pub waiting: u64,
    /// All that a worker is needed for within the hour: waiting jobs, running ones, retries and jobs with a `run_at`,
    /// follow-ups. While this is 0, no worker need run.
    pub unfinished: u64,
    /// Seconds, rounded up, until a normal job submitted now is sent; of several accounts the longest. `None` while
    /// nobody knows, for example because no worker runs.
    pub estimated_wait_s: Option<u64>,
}

impl Scaling {
    /// Returns it for these accounts together.
    pub fn of_all<'a>(accounts: impl IntoIterator<Item = AccountLoad<'a>>) -> Self {
        let none = Self {
            useful_workers: WORKERS_MIN,
            waiting: 0,
            unfinished: 0,
            estimated_wait_s: Some(0),
        };
        accounts.into_iter().map(Self::of).fold(none, |sum, one| Self {
            useful_workers: sum.useful_workers.max(one.useful_workers),
            waiting: sum.waiting + one.waiting,
            unfinished: sum.unfinished + one.unfinished,
            estimated_wait_s: sum
                .estimated_wait_s
                .zip(one.estimated_wait_s)
                .map(|(one, other)| one.max(other)),
        })
    }

    fn of(account: AccountLoad<'_>) -> Self {
        let status = account.status;
        let waiting = status.inbox + status.waiting_total();
        Self {
            useful_workers: useful_workers(&account),
            waiting,
            unfinished: waiting + status.running + status.scheduled_soon + status.follow_ups,
            estimated_wait_s: estimated_wait(status),
        }
    }
}

/// Returns how many workers the account can use.
fn useful_workers(account: &AccountLoad<'_>) -> u64 {
    let limits = account.status.in_force.as_ref().and_then(|in_force| in_force.limits.as_ref());
    // The limit and not the pace of the moment: a 429 halves that for half a minute, which is no reason to end a worker.
    let first: Option<Limit> = limits.and_then(|limits| limits.iter().next());
    let Some(pace) = first else { return WORKERS_MIN };
    let (p95, concurrency) = match account.request_time {
        Some(time) => (Duration::from_millis(time.p95_ms), time.concurrency),
        None => (P95_UNKNOWN, CONCURRENCY_UNKNOWN),
    };
    let places = pace.window().as_micros() * u128::try_from(concurrency.max(1)).unwrap_or(1);
    let under_way = u128::from(pace.requests()).saturating_mul(p95.as_micros());
    let workers = under_way.div_ceil(places.max(1));
    u64::try_from(workers).unwrap_or(u64::MAX).max(WORKERS_MIN)
}

#[cfg(test)]
mod tests;
