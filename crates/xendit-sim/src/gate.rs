//! The rate limit: sliding windows of arrivals, several at once, per account.
//!
//! A window is half-open: `(t - W, t]`. An arrival exactly one window after another does not meet it.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use crate::account::Account;
use crate::api::RequestKind;
use crate::clock::micros;
use crate::limits::{Limit, Limits};
use crate::locked::locked;

/// Arrivals are judged in the order in which their heads were read, which under load differs from
/// the order of their first bytes by less than this. So much longer is an arrival remembered.
const DISORDER_US: u64 = 1_000_000;

/// What the rate headers of one answer say. Present unless no limit is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// If refused: until the next request may pass. Else until the oldest request leaves the window.
    pub(crate) reset_us: u64,
}

/// Whether a request may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) is_refused: bool,
    pub(crate) rate: Option<Rate>,
}

/// The windows of all accounts.
#[derive(Debug)]
pub(crate) struct Gate {
    inner: Mutex<Inner>,
    is_per_endpoint: bool,
    refused_requests_count: bool,
}

#[derive(Debug)]
struct Inner {
    limits: Vec<Limit>,
    windows: HashMap<(Account, Option<RequestKind>), Window>,
}

impl Gate {
    pub(crate) fn new(limits: Limits, per_endpoint: bool, refused_requests_count: bool) -> Self {
        let inner = Inner { limits: limits.0, windows: HashMap::new() };
        Self { inner: Mutex::new(inner), is_per_endpoint: per_endpoint, refused_requests_count }
    }

    pub(crate) fn set_limits(&self, limits: Limits) {
        locked(&self.inner).limits = limits.0;
    }

    /// Judges a request that arrived at `arrived_us` and remembers it if it passes.
    pub(crate) fn judge(&self, account: &Account, kind: RequestKind, arrived_us: u64) -> Verdict {
        let mut inner = locked(&self.inner);
        let Inner { limits, windows } = &mut *inner;
        let key = (Account::clone(account), self.is_per_endpoint.then_some(kind));
        let window = windows.entry(key).or_default();
        let verdict = window.judge(limits, arrived_us);
        if !verdict.is_refused || self.refused_requests_count {
            window.remember(limits, arrived_us);
        }
        verdict
    }
}

/// The recent arrivals that count, ascending.
#[derive(Debug, Default)]
pub(crate) struct Window {
    arrivals_us: VecDeque<u64>,
}

impl Window {
    /// Judges without remembering: whether with this arrival some window would hold too many. Windows
    /// that end at arrivals judged before although they came later are examined, too.
    pub(crate) fn judge(&self, limits: &[Limit], arrived_us: u64) -> Verdict {
        let mut verdict = Verdict { is_refused: false, rate: None };
        for limit in limits {
            let (is_refused, rate) = self.judge_one(limit, arrived_us);
            let is_tighter = verdict.rate.is_none_or(|tightest| {
                let strictness = |refused: bool, rate: Rate| {
                    (!refused, rate.remaining, std::cmp::Reverse(rate.reset_us))
                };
                strictness(is_refused, rate) < strictness(verdict.is_refused, tightest)
            });
            if is_tighter {
                verdict.rate = Some(rate);
            }
            verdict.is_refused |= is_refused;
        }
        verdict
    }

    fn judge_one(&self, limit: &Limit, arrived_us: u64) -> (bool, Rate) {
        let window_us = micros(limit.window);
        let allowed = usize::try_from(limit.requests).unwrap_or(usize::MAX);
        let until = |end_us: u64| self.arrivals_us.partition_point(|at| *at <= end_us);
        let gone = |end_us: u64| {
            self.arrivals_us.partition_point(|at| at.saturating_add(window_us) <= end_us)
        };
        let end_max_us = arrived_us.saturating_add(window_us);
        let later = self.arrivals_us.range(until(arrived_us)..).copied();
        let later = later.take_while(|end_us| *end_us < end_max_us);
        let (mut count, mut end_us) = (until(arrived_us) - gone(arrived_us), arrived_us);
        for later_us in later {
            let later_count = until(later_us) - gone(later_us);
            if later_count >= count {
                (count, end_us) = (later_count, later_us);
            }
        }
        let is_refused = count >= allowed;
        // Refused: the one that must leave first. Else: the oldest.
        let leaver = if is_refused { until(end_us) - allowed } else { gone(end_us) };
        let leaver_us = self.arrivals_us.get(leaver).copied().unwrap_or(arrived_us);
        let remaining = u32::try_from(allowed.saturating_sub(count + 1)).unwrap_or(u32::MAX);
        let reset_us = leaver_us.saturating_add(window_us).saturating_sub(arrived_us);
        (is_refused, Rate { limit: limit.requests, remaining, reset_us })
    }

    pub(crate) fn remember(&mut self, limits: &[Limit], arrived_us: u64) {
        let longest_us = limits.iter().map(|limit| micros(limit.window)).max();
        let Some(kept_us) = longest_us.map(|us| us.saturating_add(DISORDER_US)) else {
            self.arrivals_us.clear();
            return;
        };
        let place = self.arrivals_us.partition_point(|at| *at <= arrived_us);
        self.arrivals_us.insert(place, arrived_us);
        while self.arrivals_us.front().is_some_and(|at| at.saturating_add(kept_us) <= arrived_us) {
            self.arrivals_us.pop_front();
        }
    }
}

#[cfg(test)]
mod tests;
