//! Follow-ups: small work that a finish leaves behind.

use std::time::Duration;

use antre_core::{Quota, state::State};
use antre_model::{machine::Observation, pacer::Moment};

use super::{FollowUp, Granted, Model, ms};

const ATTEMPTS_MAX: u32 = 25;
const AUDIT_LATE_MS: u64 = 15 * 60 * 1000;
const PAST_MAX: usize = 20;

/// What became of a follow-up's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FollowUpOutcome {
    Done,
    NotSent,
    LookUpFailed,
    Refused,
    KeyRefused,
    Limited,
}

/// The answer to a follow-up's request.
#[derive(Clone, Debug)]
pub(crate) struct AfterFollowUp {
    pub(crate) outcome: FollowUpOutcome,
    pub(crate) wait: Duration,
    pub(crate) quota: Quota,
    pub(crate) surplus: Option<String>,
    pub(crate) relink: Option<String>,
    pub(crate) is_to_be_audited: bool,
    /// The bill's invoice is.
    pub(crate) is_paid: bool,
}

impl FollowUpOutcome {
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

    /// Returns whether it may be the follow-up's own doing.
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

impl Model {
    /// Leaves every follow-up one try. Returns the attempts that each has made by then.
    pub(crate) fn tire_follow_ups(&mut self) -> u32 {
        for follow_up in self.follow_ups.values_mut() {
            follow_up.attempts = ATTEMPTS_MAX - 1;
        }
        ATTEMPTS_MAX - 1
    }

    /// Returns `None` when the follow-up is somebody else's, else whether it is over.
    pub(crate) fn finish_follow_up(
        &mut self,
        grant: &Granted<'_>,
        answer: &AfterFollowUp,
    ) -> Option<bool> {
        let now = self.clock;
        let Granted { id, claim_token, worker, .. } = *grant;
        self.pacer.observe_quota(now, claim_token, answer.quota);
        if answer.outcome != FollowUpOutcome::NotSent {
            self.pacer.sent();
        }
        let code = answer.outcome.as_str();
        let failed_at = self.follow_ups.get(id).and_then(|follow_up| follow_up.failed_at);
        let is_own = answer.outcome.may_be_own() && self.breaker.is_own(worker, failed_at, false);
        let observation = if is_own { Observation::Nothing } else { answer.outcome.observation() };
        let change = self.breaker.observe(now, worker, (id, code), observation);
        self.note_change(change);
        self.note_limited(now, worker, observation, change);
        self.follow_limit(claim_token, answer.wait);
        let follow_up = self
            .follow_ups
            .get(id)
            .filter(|follow_up| follow_up.claim_token.as_deref() == Some(claim_token))?
            .clone();
        let is_abandoned = answer.outcome != FollowUpOutcome::Done;
        if is_abandoned && self.retry_follow_up(id, answer.outcome) {
            return Some(false);
        }
        if is_abandoned && !follow_up.cancelled_by.is_empty() {
            self.leave_open(&follow_up);
        }
        self.follow_ups.remove(id);
        self.breaker.forget(id);
        let is_of_bill = self.is_current(&follow_up);
        if let Some(invoice) = answer.relink.as_ref().filter(|_| is_of_bill) {
            self.relink(now, &follow_up, invoice, answer.is_paid);
        }
        let is_looked_at_anyway = !is_abandoned && !follow_up.cancelled_by.is_empty();
        let is_closing = is_looked_at_anyway && self.close(now, &follow_up, answer);
        if !is_of_bill {
            return Some(true);
        }
        if let Some(invoice) = &answer.surplus {
            self.expire_surplus(now, &follow_up.job, &follow_up.external_id, invoice);
        }
        if answer.is_to_be_audited && !is_closing {
            self.add_follow_up(
                &format!("audit-3-{}", follow_up.job),
                now.unix_ms() + 1000,
                "audit",
                &follow_up,
            );
        }
        Some(true)
    }

    /// A follow-up of a job that the bill no longer belongs to, or whose bill is open, changes nothing.
    fn is_current(&self, follow_up: &FollowUp) -> bool {
        self.bills.get(&follow_up.external_id).is_none_or(|bill| {
            bill.job.is_empty() || (bill.job == follow_up.job && bill.state != "open")
        })
    }

    fn retry_follow_up(&mut self, id: &str, outcome: FollowUpOutcome) -> bool {
        let is_counted = !matches!(outcome, FollowUpOutcome::Limited | FollowUpOutcome::KeyRefused)
            && !self.breaker.is_open();
        let now_ms = self.clock.unix_ms();
        let follow_up = self.follow_ups.get_mut(id).unwrap();
        let attempts = follow_up.attempts + u32::from(is_counted);
        if attempts >= ATTEMPTS_MAX {
            self.count("follow_ups_abandoned", 1);
            return false;
        }
        follow_up.attempts = attempts;
        follow_up.failed_at =
            (outcome != FollowUpOutcome::Limited).then_some(self.breaker.answered());
        follow_up.claim_token = None;
        follow_up.due_ms = now_ms + (1000 << attempts.min(6)).min(60_000);
        true
    }

    fn relink(&mut self, now: Moment, follow_up: &FollowUp, invoice: &str, is_paid: bool) {
        let Some(bill) = self.bills.get_mut(&follow_up.external_id) else { return };
        if bill.job != follow_up.job || bill.state != "done" || bill.invoice_id == invoice {
            return;
        }
        let is_over = is_closed(&bill.closed_invoices, &bill.invoice_id) && !is_paid;
        if is_over && follow_up.cancelled_by.is_empty() {
            self.expire_surplus(now, &follow_up.job, &follow_up.external_id, invoice);
            return;
        }
        invoice.clone_into(&mut bill.invoice_id);
        bill.expires_at = String::new();
        self.count("relinked", 1);
        let done =
            self.records.get_mut(&follow_up.job).filter(|known| known.job.state == State::Done);
        if let Some(record) = done {
            record.job.invoice_id = Some(invoice.to_owned());
            self.ends += 1;
            self.end_duplicates(&follow_up.job, State::Done);
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
        let is_news = remember_closed(&mut bill.closed_invoices, invoice);
        let surplus = FollowUp {
            kind: "expire",
            job: job.to_owned(),
            external_id: external_id.to_owned(),
            invoice_id: invoice.to_owned(),
            due_ms: 0,
            attempts: 0,
            failed_at: None,
            claim_token: None,
            cancelled_by: Vec::new(),
            expires_before: None,
        };
        self.add_follow_up(&format!("expire-{invoice}"), now.unix_ms(), "expire", &surplus);
        self.count("surplus", i64::from(is_news));
    }

    pub(super) fn audit_later(&mut self, now: Moment, job: &str) {
        let first_ms = ms(self.rules.trust_absence_unanswered + self.rules.request_timeout);
        let audit = FollowUp {
            kind: "audit",
            job: job.to_owned(),
            external_id: self.records[job].external_id.clone(),
            invoice_id: String::new(),
            due_ms: 0,
            attempts: 0,
            failed_at: None,
            claim_token: None,
            cancelled_by: Vec::new(),
            expires_before: None,
        };
        self.add_follow_up(&format!("audit-1-{job}"), now.unix_ms() + first_ms, "audit", &audit);
        self.add_follow_up(
            &format!("audit-2-{job}"),
            now.unix_ms() + AUDIT_LATE_MS,
            "audit",
            &audit,
        );
    }

    /// Adds a follow-up like `like` unless it is there.
    pub(super) fn add_follow_up(
        &mut self,
        id: &str,
        due_ms: u64,
        kind: &'static str,
        like: &FollowUp,
    ) {
        let invoice_id = if kind == "audit" { String::new() } else { like.invoice_id.clone() };
        let new = FollowUp {
            kind,
            due_ms,
            attempts: 0,
            failed_at: None,
            claim_token: None,
            invoice_id,
            cancelled_by: Vec::new(),
            expires_before: None,
            ..like.clone()
        };
        self.follow_ups.entry(id.to_owned()).or_insert(new);
    }
}

/// Returns the ids with `invoice` as the last one; the oldest give way.
pub(super) fn with_closed(closed_invoices: &str, invoice: &str) -> String {
    let mut ids: Vec<&str> = closed_invoices.split_whitespace().collect();
    ids.push(invoice);
    ids[ids.len().saturating_sub(PAST_MAX)..].join(" ")
}

pub(super) fn is_closed(closed_invoices: &str, invoice: &str) -> bool {
    closed_invoices.split_whitespace().any(|known| known == invoice)
}

/// Returns whether the invoice is new there.
pub(super) fn remember_closed(closed_invoices: &mut String, invoice: &str) -> bool {
    if is_closed(closed_invoices, invoice) {
        return false;
    }
    *closed_invoices = with_closed(closed_invoices, invoice);
    true
}
