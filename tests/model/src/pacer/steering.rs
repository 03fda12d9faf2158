//! What answers, refusals and unused grants do to the pace.

use std::time::Duration;

use super::moment::micros;
use super::{FACTOR_MAX, Moment, PAUSE_MAX, Pacer, SEND_WITHIN_MAX};
use antre_core::{Quota, limit::Limit};

const DEFAULT_WINDOW: Duration = Duration::from_mins(1);
/// One that came too late counts as much as 16 in time: where more than one in 17 do, the deadline is widened.
const LATE_WEIGHT: u32 = 16;
const LATE_TO_WIDEN: u32 = 3 * LATE_WEIGHT;
/// The least and the most that a 429 teaches of the differences of delays.
const LEARNED_MIN: Duration = Duration::from_millis(5);
const LEARNED_MAX: Duration = Duration::from_millis(100);
const FOREVER: Moment = Moment::from_unix_us(u64::MAX);

/// Why a grant comes back unused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// It was too late to send; three in a row widen the deadline, or more than one in 17 for a while.
    TooLate,
    /// No replica confirmed it in time, which says nothing about how far Redis is.
    Unreplicated,
    /// The sender stopped or had no connection.
    Stopping,
}

/// Who met the 429s that slow the fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LimitedBy {
    One(String),
    Many,
}

/// Grants left of a quota that others use as well.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    pub(super) left: i64,
    /// The grant whose answer told it: later ones were taken from it.
    from: Moment,
    pub(super) until: Moment,
}

impl Budget {
    pub(super) fn rebase(&mut self, last: Moment, now: Moment) {
        self.until = now + self.until.since(last);
    }
}

impl Pacer {
    /// Believes a remaining quota that is smaller than our own grants explain.
    ///
    /// `id` is the grant whose answer said so; of a forgotten one nothing is learnt. The limit says which
    /// of our windows it belongs to, a minute if none; without a reset it holds for 120 s.
    pub fn observe_quota(&mut self, now: Moment, id: &str, seen: Quota) {
        let (Some(remaining), Some(granted)) = (seen.remaining, self.log.find(id)) else { return };
        let remaining = i64::from(remaining);
        let ours = self.settings.limits.iter().find(|limit| Some(limit.requests()) == seen.limit);
        let window = ours.map_or(DEFAULT_WINDOW, |limit| limit.window());
        let before = Moment::from_unix_us(granted.unix_us().saturating_sub(micros(window)));
        let is_explained = match seen.limit {
            None => remaining > 0,
            Some(limit) => remaining >= i64::from(limit) - signed(self.log.count(before, granted)),
        };
        if is_explained {
            return;
        }
        let mut left = remaining - signed(self.log.count(granted, FOREVER));
        if let Some(known) = self.budget.filter(|known| known.until > now) {
            left = left.min(known.left);
        }
        let until = now + seen.reset.unwrap_or(PAUSE_MAX).min(PAUSE_MAX);
        self.budget = Some(Budget { left, from: granted, until });
    }

    /// Holds everything back for `wait`, at most 120 s, after a 429 that `worker` met with grant `id`. Returns whether
    /// this pause is a new one: then the pace is halved as well, at most to a sixteenth, and where requests that were
    /// delivered closer together than granted may be why, more of that is allowed for.
    pub fn limited(&mut self, now: Moment, (worker, id): (&str, &str), wait: Duration) -> bool {
        let is_others = self.factor(now) > 1 && !self.is_limited_by(worker);
        let by = if is_others { LimitedBy::Many } else { LimitedBy::One(worker.to_owned()) };
        self.limited_by = Some(by);
        let is_new = self.paused_until.is_none_or(|until| until <= now);
        if is_new {
            self.factor.set((self.factor(now) * 2).min(FACTOR_MAX), now);
            self.learn_jitter(now, id);
        }
        let until = now + wait.min(PAUSE_MAX);
        self.paused_until = Some(self.paused_until.map_or(until, |known| known.max(until)));
        is_new
    }

    fn learn_jitter(&mut self, now: Moment, id: &str) {
        let Some(granted) = self.log.find(id) else { return };
        let most = micros(self.settings.jitter_allowance + LEARNED_MAX);
        let is_near = |limit: Limit| {
            let from = granted.unix_us().saturating_sub(micros(limit.window()) + most);
            let near = self.log.count(Moment::from_unix_us(from), granted);
            u32::try_from(near).unwrap_or(u32::MAX) > limit.requests()
        };
        if self.settings.limits.iter().any(is_near) {
            let learned = self.learned_jitter.value(now) * 2;
            let learned = learned.clamp(micros(LEARNED_MIN), micros(LEARNED_MAX));
            self.learned_jitter.set(learned, now);
        }
    }

    /// The 429s turned out to be this worker's own trouble: what they alone have slowed goes on.
    pub fn forget_limited(&mut self, now: Moment, worker: &str) {
        if !self.is_limited_by(worker) {
            return;
        }
        self.limited_by = None;
        self.factor.set(1, now);
        self.paused_until = self.paused_until.map(|until| until.min(now));
    }

    fn is_limited_by(&self, worker: &str) -> bool {
        matches!(&self.limited_by, Some(LimitedBy::One(known)) if known == worker)
    }

    /// Takes grant `id` back whose request did not leave. Returns false if it is not known (any more):
    /// repeating the call is harmless.
    pub fn give_back(&mut self, now: Moment, id: &str, why: Returned) -> bool {
        let Some(granted) = self.log.find(id) else { return false };
        self.log.remove(granted, id);
        if self.last_grant.as_deref() == Some(id) {
            let previous = self.previous_next_at.unwrap_or_default();
            self.next_at = self.next_at.map(|next| next.min(previous));
        }
        if let Some(budget) = self.budget.as_mut().filter(|budget| granted > budget.from) {
            budget.left += 1;
        }
        if why == Returned::TooLate {
            self.note_too_late(now);
        }
        true
    }

    /// Notes that a request left within its deadline.
    pub fn sent(&mut self) {
        self.late = self.late.saturating_sub(1);
    }

    fn note_too_late(&mut self, now: Moment) {
        self.late += LATE_WEIGHT;
        if self.late >= LATE_TO_WIDEN {
            self.widened.set(micros((self.send_within(now) * 2).min(SEND_WITHIN_MAX)), now);
            self.late = 0;
        }
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
