//! Chores: small work that a finish leaves behind.

use std::time::Duration;

use antre_core::{Quota, state::State};
use antre_model::{machine::Observation, pacer::Moment};

use super::{Chore, Granted, World, ms};

const ATTEMPTS_MAX: u32 = 25;
const AUDIT_LATE_MS: u64 = 15 * 60 * 1000;
const PAST_MAX: usize = 20;

/// What became of a chore's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChoreOutcome {
    Done,
    NotSent,
    LookUpFailed,
    Refused,
    KeyRefused,
    Limited,
}

/// The answer to a chore's request.
#[derive(Clone, Debug)]
pub(crate) struct AfterChore {
    pub(crate) outcome: ChoreOutcome,
    pub(crate) wait: Duration,
    pub(crate) quota: Quota,
    pub(crate) surplus: Option<String>,
    pub(crate) relink: Option<String>,
    pub(crate) is_to_be_audited: bool,
}

impl ChoreOutcome {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotSent => "not_sent",
            Self::LookUpFailed => "lookup_failed",
            Self::Refused => "refused",
            Self::KeyRefused => "key_refused",
            Self::Limited => "limited",
        }
    }

    /// Returns whether it may be the chore's own doing.
    fn may_be_own(self) -> bool {
        matches!(self, Self::LookUpFailed | Self::Refused)
    }

    fn observation(self) -> Observation {
        match self {
            Self::Done => Observation::Answered,
            Self::NotSent | Self::LookUpFailed => Observation::Failure,
            Self::Refused => Observation::Suspect,
            Self::KeyRefused => Observation::KeyRefused,
            Self::Limited => Observation::Limited,
        }
    }
}

impl World {
    /// Leaves every chore one try. Returns the attempts that each has made by then.
    pub(crate) fn tire_chores(&mut self) -> u32 {
        for chore in self.chores.values_mut() {
            chore.attempts = ATTEMPTS_MAX - 1;
        }
        ATTEMPTS_MAX - 1
    }

    /// Returns `None` when the chore is somebody else's, else whether it is over.
    pub(crate) fn finish_chore(
        &mut self,
        grant: &Granted<'_>,
        answer: &AfterChore,
    ) -> Option<bool> {
        let now = self.clock;
        let Granted { id, fence, worker, .. } = *grant;
        self.pacer.observe_quota(now, fence, answer.quota);
        if answer.outcome != ChoreOutcome::NotSent {
            self.pacer.sent();
        }
        let code = answer.outcome.as_str();
        let failed_at = self.chores.get(id).and_then(|chore| chore.failed_at);
        let is_own = answer.outcome.may_be_own() && self.breaker.is_own(worker, failed_at, false);
        let observation = if is_own { Observation::Nothing } else { answer.outcome.observation() };
        let change = self.breaker.observe(now, worker, (id, code), observation);
        self.note_change(change);
        self.note_limited(now, worker, observation, change);
        self.follow_limit(answer.wait);
        let chore =
            self.chores.get(id).filter(|chore| chore.fence.as_deref() == Some(fence))?.clone();
        if answer.outcome != ChoreOutcome::Done && self.retry_chore(id, answer.outcome) {
            return Some(false);
        }
        self.chores.remove(id);
        self.breaker.forget(id);
        if !self.is_current(&chore) {
            return Some(true);
        }
        if let Some(invoice) = &answer.relink {
            self.relink(&chore, invoice);
        }
        if let Some(invoice) = &answer.surplus {
            self.expire_surplus(now, &chore.job, &chore.external_id, invoice);
        }
        if answer.is_to_be_audited {
            self.add_chore(
                &format!("audit-3-{}", chore.job),
                now.unix_ms() + 1000,
                "audit",
                &chore,
            );
        }
        Some(true)
    }

    /// A follow-up of a job that the bill no longer belongs to, or whose bill is open, changes nothing.
    fn is_current(&self, chore: &Chore) -> bool {
        self.bills.get(&chore.external_id).is_none_or(|bill| {
            bill.job.is_empty() || (bill.job == chore.job && bill.state != "open")
        })
    }

    fn retry_chore(&mut self, id: &str, outcome: ChoreOutcome) -> bool {
        let is_counted = !matches!(outcome, ChoreOutcome::Limited | ChoreOutcome::KeyRefused)
            && !self.breaker.is_open();
        let now_ms = self.clock.unix_ms();
        let chore = self.chores.get_mut(id).unwrap();
        let attempts = chore.attempts + u32::from(is_counted);
        if attempts >= ATTEMPTS_MAX {
            self.count("chores_abandoned", 1);
            return false;
        }
        chore.attempts = attempts;
        chore.failed_at = (outcome != ChoreOutcome::Limited).then_some(self.breaker.answered());
        chore.fence = None;
        chore.due_ms = now_ms + (1000 << attempts.min(6)).min(60_000);
        true
    }

    fn relink(&mut self, chore: &Chore, invoice: &str) {
        let Some(bill) = self.bills.get_mut(&chore.external_id) else { return };
        if bill.job != chore.job || bill.state != "done" || bill.invoice_id == invoice {
            return;
        }
        invoice.clone_into(&mut bill.invoice_id);
        bill.expires_at = String::new();
        self.count("relinked", 1);
        let done = self.records.get_mut(&chore.job).filter(|known| known.job.state == State::Done);
        if let Some(record) = done {
            record.job.invoice_id = Some(invoice.to_owned());
            self.ends += 1;
            self.end_duplicates(&chore.job, State::Done);
        }
    }

    pub(super) fn expire_surplus(
        &mut self,
        now: Moment,
        job: &str,
        external_id: &str,
        invoice: &str,
    ) {
        let bill = self.bills.entry(external_id.to_owned()).or_default();
        if bill.invoice_id == invoice {
            return;
        }
        let is_news = remember_past(&mut bill.past, invoice);
        let surplus = Chore {
            kind: "expire",
            job: job.to_owned(),
            external_id: external_id.to_owned(),
            invoice_id: invoice.to_owned(),
            due_ms: 0,
            attempts: 0,
            failed_at: None,
            fence: None,
        };
        self.add_chore(&format!("expire-{invoice}"), now.unix_ms(), "expire", &surplus);
        self.count("surplus", i64::from(is_news));
    }

    pub(super) fn audit_later(&mut self, now: Moment, job: &str) {
        let first_ms = ms(self.rules.trust_absence_unanswered + self.rules.request_timeout);
        let audit = Chore {
            kind: "audit",
            job: job.to_owned(),
            external_id: self.records[job].external_id.clone(),
            invoice_id: String::new(),
            due_ms: 0,
            attempts: 0,
            failed_at: None,
            fence: None,
        };
        self.add_chore(&format!("audit-1-{job}"), now.unix_ms() + first_ms, "audit", &audit);
        self.add_chore(&format!("audit-2-{job}"), now.unix_ms() + AUDIT_LATE_MS, "audit", &audit);
    }

    /// Adds a chore like `like` unless it is there.
    fn add_chore(&mut self, id: &str, due_ms: u64, kind: &'static str, like: &Chore) {
        let invoice_id = if kind == "audit" { String::new() } else { like.invoice_id.clone() };
        let new = Chore {
            kind,
            due_ms,
            attempts: 0,
            failed_at: None,
            fence: None,
            invoice_id,
            ..like.clone()
        };
        self.chores.entry(id.to_owned()).or_insert(new);
    }
}

/// Returns the ids with `invoice` as the last one; the oldest give way.
pub(super) fn with_past(past: &str, invoice: &str) -> String {
    let mut ids: Vec<&str> = past.split_whitespace().collect();
    ids.push(invoice);
    ids[ids.len().saturating_sub(PAST_MAX)..].join(" ")
}

/// Returns whether the invoice is new there.
fn remember_past(past: &mut String, invoice: &str) -> bool {
    if past.split_whitespace().any(|known| known == invoice) {
        return false;
    }
    *past = with_past(past, invoice);
    true
}
