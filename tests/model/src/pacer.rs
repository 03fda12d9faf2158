//! When the next request of an account may leave: the arithmetic of the pacer, without Redis.
//!
//! One script in Redis decides for the whole fleet; this is the same decision as a value, so that it
//! can be examined by itself and compared with the script step by step. A request that was granted at
//! `t` may leave until `t` + deadline and arrives within the jitter allowance of that. The log holds that
//! latest instant of each grant, so a window at the receiver is never full however late requests leave.
//!
//! Not decided here: which job is next, what a breaker or a person's pause holds back.

use std::time::Duration;

use antre_core::limit::Limits;

mod clock;
mod grant_log;
mod halving;
mod moment;
mod steering;

pub use clock::Followed;
pub use moment::Moment;
pub use steering::Returned;

use grant_log::GrantLog;
use halving::Halving;
use moment::micros;
use steering::{Budget, LimitedBy};

/// The most that the pace is slowed down after 429s.
pub const FACTOR_MAX: u64 = 16;
/// The longest automatic pause, whatever an answer names.
pub const PAUSE_MAX: Duration = Duration::from_mins(2);
/// The widest send deadline.
pub const SEND_WITHIN_MAX: Duration = Duration::from_millis(250);
/// How much lateness is caught up, if two intervals are less.
const CATCH_UP: Duration = Duration::from_millis(250);
const TROUBLE_HALF_LIFE: Duration = Duration::from_secs(30);
const JITTER_HALF_LIFE: Duration = Duration::from_hours(1);

/// What the pacer is told to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacerSettings {
    /// All of them hold at once; the first sets the pace.
    pub limits: Limits,
    /// How long after its grant a request may leave at the latest. Widened while grants come too late.
    pub send_within: Duration,
    /// How much one-way delays to the receiver may differ.
    pub jitter_allowance: Duration,
}

/// What the next grant waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WaitReason {
    /// The even pace of the first limit.
    Pace,
    /// A window that is full.
    Limit,
    /// A remaining quota, told by the receiver, that is used up.
    Quota,
    /// A 429.
    Limited,
}

impl WaitReason {
    /// Returns the word that claims and pages use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pace => "pace",
            Self::Limit => "limit",
            Self::Quota => "quota",
            Self::Limited => "limited",
        }
    }
}

/// One account's pacer. Every instant is one of the clock that [`Pacer::follow_clock`] returns.
#[derive(Clone, Debug)]
pub struct Pacer {
    settings: PacerSettings,
    log: GrantLog,
    next_at: Option<Moment>,
    previous_next_at: Option<Moment>,
    last_grant: Option<String>,
    factor: Halving,
    widened: Halving,
    learned_jitter: Halving,
    late: u32,
    budget: Option<Budget>,
    paused_until: Option<Moment>,
    limited_by: Option<LimitedBy>,
    clock: Option<Moment>,
    server: Option<String>,
}

impl Pacer {
    /// Returns a pacer that has granted nothing.
    pub fn new(settings: PacerSettings) -> Self {
        let log = GrantLog::new(&settings.limits);
        Self {
            settings,
            log,
            next_at: None,
            previous_next_at: None,
            last_grant: None,
            factor: Halving::each(TROUBLE_HALF_LIFE),
            widened: Halving::each(TROUBLE_HALF_LIFE),
            learned_jitter: Halving::each(JITTER_HALF_LIFE),
            late: 0,
            budget: None,
            paused_until: None,
            limited_by: None,
            clock: None,
            server: None,
        }
    }

    /// Returns the earliest instant of the next grant, possibly past, and what it waits for.
    ///
    /// It is the largest of all constraints, so a grant before it would break one of them.
    pub fn earliest(&self, now: Moment) -> (Moment, WaitReason) {
        let mut earliest = (self.next_at.unwrap_or_default(), WaitReason::Pace);
        let mut not_before = |instant: Moment, reason| {
            if instant > earliest.0 {
                earliest = (instant, reason);
            }
        };
        for limit in self.settings.limits.iter() {
            if let Some(latest_send) = self.log.nth_last(limit.requests()) {
                let free = latest_send + limit.window() + self.jitter_allowance(now);
                not_before(free, WaitReason::Limit);
            }
        }
        if let Some(budget) = self.budget.filter(|budget| budget.left <= 0) {
            not_before(budget.until, WaitReason::Quota);
        }
        not_before(self.paused_until.unwrap_or_default(), WaitReason::Limited);
        earliest
    }

    /// Grants one request named `id` and returns how long it may take to leave.
    ///
    /// Asks nothing: call it when [`Pacer::earliest`] is not after `now`.
    pub fn grant(&mut self, now: Moment, id: &str) -> Duration {
        let send_within = self.send_within(now);
        self.log.add(now + send_within, id);
        self.previous_next_at = self.next_at;
        self.next_at = Some(self.caught_up(now) + self.interval(now));
        self.last_grant = Some(id.to_owned());
        if let Some(budget) = &mut self.budget {
            budget.left -= 1;
        }
        send_within
    }

    /// Returns from when on the next interval counts: lateness up to 250 ms or two intervals is caught up, at most a window.
    fn caught_up(&self, now: Moment) -> Moment {
        let catch_up =
            CATCH_UP.max(2 * self.interval(now)).min(self.settings.limits.first().window());
        let due = self.next_at.unwrap_or_default();
        if now.since(due) <= catch_up { due } else { now }
    }

    /// Returns the send deadline in force.
    pub fn send_within(&self, now: Moment) -> Duration {
        Duration::from_micros(self.widened.value(now)).max(self.settings.send_within)
    }

    /// Returns how many times slower than its limit the pace is: 1 unless there was a 429 lately.
    pub fn factor(&self, now: Moment) -> u64 {
        self.factor.value(now).max(1)
    }

    /// Returns the even pace in force, one grant each: (window + guard) / requests × factor of the first
    /// limit, in whole microseconds.
    pub fn interval(&self, now: Moment) -> Duration {
        let first = self.settings.limits.first();
        let span = micros(first.window() + self.guard(now));
        Duration::from_micros(span * self.factor(now) / u64::from(first.requests()))
    }

    /// Returns the instants until which logged grants could leave, the earliest first, with their names.
    pub fn grants(&self) -> impl Iterator<Item = (Moment, &str)> {
        self.log.iter()
    }

    /// Returns the number of grants that are remembered: at most 1,000 or the largest limit.
    pub fn grants_logged(&self) -> usize {
        self.log.len()
    }

    /// Returns the last instant that was noted of the clock, to the second.
    pub fn clock(&self) -> Option<Moment> {
        self.clock
    }

    /// Returns when the even pace allows the next grant.
    pub fn next_at(&self) -> Option<Moment> {
        self.next_at
    }

    /// Returns until when a 429 holds everything back.
    pub fn paused_until(&self) -> Option<Moment> {
        self.paused_until
    }

    /// Returns what is left of the quota that the receiver told last, possibly out of date.
    pub fn budget_left(&self) -> Option<i64> {
        self.budget.map(|budget| budget.left)
    }

    /// Returns how much one-way delays may differ: what is configured, and what 429s have taught.
    pub fn jitter_allowance(&self, now: Moment) -> Duration {
        self.settings.jitter_allowance + Duration::from_micros(self.learned_jitter.value(now))
    }

    fn guard(&self, now: Moment) -> Duration {
        self.send_within(now) + self.jitter_allowance(now)
    }
}

#[cfg(test)]
mod tests;
