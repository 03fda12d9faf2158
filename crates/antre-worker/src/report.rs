//! From an answer of Xendit to what it means for the queue. Pure: no clock, no I/O.

mod invoice;
mod job;
#[cfg(test)]
mod tests;

use antre_protocol::{
    job::Job,
    outcome::{Limited, NotSent, Quota, Refusal},
    state::Step,
};
use antre_store::{
    claim::{Grant, GrantKind},
    finish::{ChoreDone, Delivered, Died, GoesOn, QuotaSeen},
};
use antre_xendit::{Answer, Reply};

use crate::{
    account::Account,
    request::{NoRequest, Prepared},
};

/// What one request means for the queue.
#[derive(Debug, Clone)]
pub struct Report {
    /// What the answer said about the quota.
    pub quota: QuotaSeen,
    /// What becomes of the job or chore.
    pub meaning: Meaning,
}

/// What becomes of a job or chore.
#[derive(Debug, Clone)]
pub enum Meaning {
    /// Nothing was sent: the fence had passed.
    Void,
    /// The job has an invoice.
    Done(Box<Delivered>),
    /// The job ends without one.
    Dead(Box<Died>),
    /// The job goes on.
    GoesOn(GoesOn),
    /// What a chore's request brought.
    Chore(Box<ChoreDone>),
}

impl Meaning {
    /// Returns the word for logs and metrics.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Void => "void",
            Self::Done(delivered) => delivered.outcome,
            Self::Dead(died) => died.outcome,
            Self::GoesOn(goes_on) => goes_on.outcome,
            Self::Chore(done) => done.outcome,
        }
    }
}

/// Reads the answer to the request that `grant` allowed.
pub(crate) fn read(account: &Account, grant: &Grant, prepared: &Prepared, reply: Reply) -> Report {
    let quota = quota_of(reply.quota);
    let bill = |job: &Job| invoice::expected(account, grant, job);
    let meaning = match (grant.kind, reply.answer, &prepared.job) {
        (_, Answer::Void, _) => Meaning::Void,
        (GrantKind::Job, Answer::Create(outcome), _) => job::after_create(grant, prepared, outcome),
        (GrantKind::Job, Answer::LookUp(outcome), Some(job)) => {
            job::after_look_up(&bill(job), &prepared.warnings, outcome)
        }
        (GrantKind::Job, Answer::Expire(outcome), _) => job::after_expire(outcome),
        (GrantKind::Chore, Answer::LookUp(outcome), Some(job)) => {
            invoice::after_audit(&bill(job), outcome)
        }
        (GrantKind::Chore, Answer::Expire(outcome), _) => invoice::after_chore_expire(outcome),
        // Look-ups are only sent with a job at hand, and chores never create.
        (_, Answer::LookUp(_) | Answer::Create(_), _) => {
            return abandoned(grant.kind, "unexpected_answer");
        }
    };
    Report { quota, meaning }
}

/// Returns what it means that there was nothing to send.
pub(crate) fn unsendable(kind: GrantKind, why: &NoRequest) -> Report {
    let meaning = match kind {
        GrantKind::Chore => chore(ChoreDone { outcome: "done", ..ChoreDone::default() }),
        GrantKind::Job => Meaning::Dead(Box::new(Died {
            outcome: "found",
            error_code: "damaged".to_owned(),
            error_message: why.to_string(),
            ..Died::default()
        })),
    };
    Report { quota: QuotaSeen::default(), meaning }
}

/// Returns what it means that the handler failed: the request may have been sent, and the job may be why.
pub(crate) fn handler_failed(grant: &Grant) -> Report {
    const CODE: &str = "handler_failed";
    if grant.kind == GrantKind::Chore {
        return abandoned(grant.kind, CODE);
    }
    let outcome = if grant.step == Step::Create { "ambiguous" } else { "lookup_failed" };
    let meaning = goes_on(outcome, CODE, "the worker's handler failed; see its log");
    Report { quota: QuotaSeen::default(), meaning }
}

/// Returns what it means that a worker had to let go of a claim: the request may have been sent.
pub(crate) fn abandoned(kind: GrantKind, code: &str) -> Report {
    let meaning = match kind {
        GrantKind::Job => goes_on("abandoned", code, ""),
        GrantKind::Chore => chore(ChoreDone {
            outcome: "lookup_failed",
            code: code.to_owned(),
            ..ChoreDone::default()
        }),
    };
    Report { quota: QuotaSeen::default(), meaning }
}

fn quota_of(quota: Quota) -> QuotaSeen {
    QuotaSeen { remaining: quota.remaining, limit: quota.limit, reset: quota.reset }
}

fn goes_on(outcome: &'static str, code: &str, message: &str) -> Meaning {
    let (code, message) = (code.to_owned(), message.to_owned());
    Meaning::GoesOn(GoesOn { outcome, code, message, ..GoesOn::default() })
}

fn limited(limited: Limited) -> Meaning {
    let wait_us = limited.wait.as_micros().to_string();
    Meaning::GoesOn(GoesOn {
        outcome: "limited",
        code: "RATE_LIMIT_EXCEEDED".to_owned(),
        wait_us,
        ..GoesOn::default()
    })
}

/// 401 says that the key is wrong, for every job; 403 may be about this one.
fn key_refused(refusal: &Refusal) -> Meaning {
    let outcome = if refusal.status == 401 { "key_refused" } else { "refused" };
    goes_on(outcome, &refusal.code, &refusal.message)
}

fn not_sent(not_sent: &NotSent) -> Meaning {
    goes_on("not_sent", not_sent.cause.code(), &not_sent.to_string())
}

fn chore(done: ChoreDone) -> Meaning {
    Meaning::Chore(Box::new(done))
}
