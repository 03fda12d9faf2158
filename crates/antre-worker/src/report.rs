//! From an answer of Xendit to what it means for the queue. Pure: no clock, no I/O.

mod invoice;
mod job;
mod probe;
#[cfg(test)]
mod tests;

use antre_core::{Quota, state::Step};
use antre_store::{
    claim::{Grant, GrantKind},
    finish::{ChoreDone, Delivered, Died, GoesOn, Probed, QuotaSeen},
};
use antre_xendit::{
    Answer, Reply,
    api::{
        identity::ExpectedBill,
        outcome::{
            ANSWER_MISMATCH, CreateOutcome, ExpireOutcome, Limited, LookUpOutcome, NotSent, Refusal,
        },
    },
};

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
    /// The Xendit account that the answer's invoices name, if the answer counts.
    pub user_id: Option<String>,
    /// The answer was about something else than what was asked: the connection may be mixed up.
    pub is_mixed_up: bool,
}

impl Report {
    /// Returns the report of a meaning that no answer of Xendit's has brought.
    fn unanswered(meaning: Meaning) -> Self {
        Self { quota: QuotaSeen::default(), meaning, user_id: None, is_mixed_up: false }
    }
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
    /// What a probe showed.
    Probe(Probed),
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
            Self::Probe(probed) => probed.outcome,
        }
    }
}

/// Reads the answer to the request that `grant` allowed.
pub(crate) fn read(account: &Account, grant: &Grant, prepared: &Prepared, reply: Reply) -> Report {
    let (quota, status) = (quota_of(reply.quota), reply.status.map(|status| status.as_u16()));
    let bill = prepared.job.as_ref().map(|job| invoice::expected(account, grant, job));
    let confirmed = Confirmed::of(reply.answer, bill.as_ref());
    let Confirmed { answer, user_id, is_mixed_up } = confirmed;
    let meaning = match (grant.kind, answer, bill) {
        (_, Answer::Void, _) => Meaning::Void,
        (GrantKind::Job, Answer::Create(outcome), Some(_)) => {
            job::after_create(grant, prepared, outcome)
        }
        (GrantKind::Job, Answer::LookUp(outcome), Some(bill)) => {
            let has_created = grant.field("touched").is_some()
                || grant.field("creates").is_some_and(|creates| creates != "0");
            let asked = job::LookedFor { bill: &bill, left_out: &prepared.warnings, has_created };
            job::after_look_up(&asked, outcome)
        }
        (GrantKind::Job, Answer::Expire(outcome), _) => job::after_expire(outcome),
        (GrantKind::Chore, Answer::LookUp(outcome), Some(bill)) => {
            invoice::after_audit(&bill, outcome)
        }
        (GrantKind::Chore, Answer::Expire(outcome), _) => invoice::after_chore_expire(outcome),
        (GrantKind::Probe, Answer::Newest(outcome), _) => {
            Meaning::Probe(probe::after(account.mode, status, outcome))
        }
        // Creates and look-ups are only sent with a job at hand, chores never create, and only probes ask for
        // the newest invoice.
        (_, Answer::LookUp(_) | Answer::Create(_) | Answer::Expire(_) | Answer::Newest(_), _) => {
            return abandoned(grant.kind, "unexpected_answer");
        }
    };
    Report { quota, meaning, user_id, is_mixed_up }
}

/// An answer of which only that is left that is about the bill.
struct Confirmed {
    answer: Answer,
    user_id: Option<String>,
    is_mixed_up: bool,
}

impl Confirmed {
    fn of(answer: Answer, bill: Option<&ExpectedBill>) -> Self {
        let had_invoices = matches!(
            &answer,
            Answer::Create(CreateOutcome::Created(_)) | Answer::LookUp(LookUpOutcome::Found { .. })
        );
        let answer = match (answer, bill) {
            (Answer::Create(outcome), Some(bill)) => Answer::Create(outcome.confirmed_by(bill)),
            (Answer::LookUp(outcome), Some(bill)) => Answer::LookUp(outcome.confirmed_by(bill)),
            (answer, _) => answer,
        };
        let (user_id, is_mixed_up) = match &answer {
            Answer::Create(CreateOutcome::Created(invoice))
            | Answer::Expire(ExpireOutcome::Expired(invoice)) => (invoice.user_id.clone(), false),
            Answer::LookUp(LookUpOutcome::Found { invoices, .. }) => {
                (invoices.iter().find_map(|invoice| invoice.user_id.clone()), false)
            }
            Answer::Expire(ExpireOutcome::Failed(failure)) => {
                (None, failure.code == ANSWER_MISMATCH)
            }
            Answer::Create(_) | Answer::LookUp(_) => (None, had_invoices),
            Answer::Expire(_) | Answer::Newest(_) | Answer::Void => (None, false),
        };
        Self { answer, user_id, is_mixed_up }
    }
}

/// Returns what it means that there was nothing to send.
pub(crate) fn unsendable(kind: GrantKind, why: &NoRequest) -> Report {
    let meaning = match kind {
        GrantKind::Chore => chore(ChoreDone { outcome: "done", ..ChoreDone::default() }),
        GrantKind::Probe => probe::unanswered("nothing_to_send"),
        GrantKind::Job => Meaning::Dead(Box::new(Died {
            outcome: "found",
            error_code: "damaged".to_owned(),
            error_message: why.to_string(),
            ..Died::default()
        })),
    };
    Report::unanswered(meaning)
}

/// Returns what it means that the handler failed: the request may have been sent, and the job may be why.
pub(crate) fn handler_failed(grant: &Grant) -> Report {
    const CODE: &str = "handler_failed";
    if grant.kind != GrantKind::Job {
        return abandoned(grant.kind, CODE);
    }
    let outcome = if grant.step == Step::Create { "ambiguous" } else { "lookup_failed" };
    let meaning = goes_on(outcome, CODE, "the worker's handler failed; see its log");
    Report::unanswered(meaning)
}

/// Returns what it means that a worker had to let go of a claim: the request may have been sent.
pub(crate) fn abandoned(kind: GrantKind, code: &str) -> Report {
    let meaning = match kind {
        GrantKind::Job => goes_on("abandoned", code, ""),
        GrantKind::Probe => probe::unanswered(code),
        GrantKind::Chore => chore(ChoreDone {
            outcome: "lookup_failed",
            code: code.to_owned(),
            ..ChoreDone::default()
        }),
    };
    Report::unanswered(meaning)
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
    Meaning::GoesOn(GoesOn {
        outcome,
        code: refusal.code.clone(),
        message: refusal.message.clone(),
        status: refusal.status.to_string(),
        response: refusal.body.as_deref().unwrap_or_default().to_owned(),
        ..GoesOn::default()
    })
}

fn not_sent(not_sent: &NotSent) -> Meaning {
    goes_on("not_sent", not_sent.cause.code(), &not_sent.to_string())
}

fn chore(done: ChoreDone) -> Meaning {
    Meaning::Chore(Box::new(done))
}
