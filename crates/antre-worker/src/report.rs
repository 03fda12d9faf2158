//! From an answer of Xendit to its meaning for the queue. Pure: no clock, no I/O.

mod follow_up;
mod invoice;
mod job;
mod probe;
#[cfg(test)]
mod tests;

use antre_core::Quota;
use antre_core::job_outcome::Cause;
use antre_core::job_outcome::DeadEnd;
use antre_core::job_outcome::Findings;
use antre_core::job_outcome::FollowUpOutcome;
use antre_core::job_outcome::JobOutcome;
use antre_core::job_outcome::Outcome;
use antre_core::job_outcome::ReadOutcome;
use antre_core::state::NextRequest;
use antre_store::claim::{Grant, GrantKind};
use antre_xendit::api::identity::ExpectedBill;
use antre_xendit::api::outcome::ANSWER_MISMATCH;
use antre_xendit::api::outcome::CreateOutcome;
use antre_xendit::api::outcome::ExpireOutcome;
use antre_xendit::api::outcome::Failure;
use antre_xendit::api::outcome::LookUpOutcome;
use antre_xendit::api::outcome::NotSent;
use antre_xendit::api::outcome::Refusal;
use antre_xendit::{Answer, Reply};

use crate::{
    account::Account,
    request::{NoRequest, Prepared},
};

/// The word for a request that was not sent because its send deadline had passed.
const VOID: &str = "too_late";

/// What one request brought.
#[derive(Debug, Clone)]
pub struct Report {
    /// What the answer said about the quota.
    pub quota: Quota,
    /// What that means for the job, follow-up or probe; nothing if the send deadline had passed, so that nothing was sent.
    pub outcome: Option<Outcome>,
    /// The Xendit account that the answer's invoices name, if the answer counts.
    pub user_id: Option<String>,
    /// The answer was about something else than what was asked: the connection may be mixed up.
    pub is_mixed_up: bool,
}

impl Report {
    /// Returns the report of an outcome that no answer of Xendit's has brought.
    fn unanswered(outcome: Outcome) -> Self {
        Self { quota: Quota::default(), outcome: Some(outcome), user_id: None, is_mixed_up: false }
    }

    /// Returns the word for logs and metrics.
    pub fn word(&self) -> &'static str {
        self.outcome.as_ref().map_or(VOID, Outcome::word)
    }
}

/// Reads the answer to the request that `grant` allowed.
pub(crate) fn read(account: &Account, grant: &Grant, prepared: &Prepared, reply: Reply) -> Report {
    let (quota, status) = (reply.quota, reply.status.map(|status| status.as_u16()));
    let bill = prepared.job.as_ref().map(|job| invoice::expected(account, grant, job));
    let confirmed = Confirmed::of(reply.answer, bill.as_ref());
    let Confirmed { answer, user_id, is_mixed_up } = confirmed;
    let outcome = match (grant.kind, answer, bill) {
        (_, Answer::TooLate, _) => None,
        (GrantKind::Job, Answer::Create(outcome), Some(_)) => {
            Some(Outcome::Job(job::after_create(grant, prepared, outcome)))
        }
        (GrantKind::Job, Answer::LookUp(outcome), Some(bill)) => {
            let has_created = grant.job.is_touched || grant.job.creates > 0;
            let asked = job::LookedFor { bill: &bill, left_out: &prepared.warnings, has_created };
            Some(Outcome::Job(job::after_look_up(&asked, outcome)))
        }
        (GrantKind::Job, Answer::Expire(outcome), _) => {
            Some(Outcome::Job(job::after_expire(outcome)))
        }
        (GrantKind::FollowUp, Answer::LookUp(outcome), Some(bill)) => {
            Some(Outcome::FollowUp(follow_up::after_audit(&bill, outcome)))
        }
        (GrantKind::FollowUp, Answer::Expire(outcome), _) => {
            Some(Outcome::FollowUp(follow_up::after_expire(outcome)))
        }
        (GrantKind::Probe, Answer::Newest(outcome), _) => {
            Some(Outcome::Probe(probe::after(status, outcome)))
        }
        (GrantKind::Read, Answer::Read(outcome), _) => Some(Outcome::Read(*outcome)),
        // Creates and look-ups are only sent with a job at hand, follow-ups never create, and only probes ask for
        // the newest invoice.
        (
            _,
            Answer::LookUp(_)
            | Answer::Create(_)
            | Answer::Expire(_)
            | Answer::Newest(_)
            | Answer::Read(_),
            _,
        ) => return abandoned(grant.kind, "unexpected_answer"),
    };
    Report { quota, outcome, user_id, is_mixed_up }
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
            Answer::Read(outcome) => (None, is_about_another(outcome)),
            Answer::Create(_) | Answer::LookUp(_) => (None, had_invoices),
            Answer::Expire(_) | Answer::Newest(_) | Answer::TooLate => (None, false),
        };
        Self { answer, user_id, is_mixed_up }
    }
}

fn is_about_another(outcome: &ReadOutcome) -> bool {
    matches!(outcome, ReadOutcome::LookUpFailed { code, .. } if code == ANSWER_MISMATCH)
}

/// Returns what it means that there was nothing to send.
pub(crate) fn unsendable(kind: GrantKind, why: &NoRequest) -> Report {
    Report::unanswered(match kind {
        GrantKind::FollowUp => Outcome::FollowUp(FollowUpOutcome::Done(Findings::default())),
        GrantKind::Probe => Outcome::Probe(probe::unanswered("nothing_to_send")),
        GrantKind::Read => unread("nothing_to_send"),
        GrantKind::Job => {
            let cause = Cause::new("damaged", why.to_string());
            let dead = DeadEnd { cause, ..DeadEnd::default() };
            Outcome::Job(JobOutcome::FoundDead(Box::new(dead)))
        }
    })
}

/// Returns what it means that the handler failed: the request may have been sent, and the job may be why.
pub(crate) fn handler_failed(grant: &Grant) -> Report {
    const CODE: &str = "handler_failed";
    if grant.kind != GrantKind::Job {
        return abandoned(grant.kind, CODE);
    }
    let cause = Cause::new(CODE, "the worker's handler failed; see its log");
    Report::unanswered(Outcome::Job(if grant.request == NextRequest::Create {
        JobOutcome::Ambiguous { is_answered: false, cause }
    } else {
        JobOutcome::LookUpFailed(cause)
    }))
}

/// Returns what it means that a worker had to let go of a claim: the request may have been sent.
pub(crate) fn abandoned(kind: GrantKind, code: &str) -> Report {
    Report::unanswered(match kind {
        GrantKind::Job => Outcome::Job(JobOutcome::Abandoned { code: code.to_owned() }),
        GrantKind::Probe => Outcome::Probe(probe::unanswered(code)),
        GrantKind::Read => unread(code),
        GrantKind::FollowUp => {
            Outcome::FollowUp(FollowUpOutcome::LookUpFailed { code: code.to_owned() })
        }
    })
}

fn unread(code: &str) -> Outcome {
    Outcome::Read(ReadOutcome::LookUpFailed { code: code.to_owned(), answer: None })
}

/// 401 says that the key is wrong, for every job; 403 may be about this one.
fn is_of_key(refusal: &Refusal) -> bool {
    refusal.status == 401
}

fn refused(refusal: Refusal) -> Cause {
    let Refusal { status, code, message, body } = refusal;
    Cause { code, message, status: Some(status), response: body.map(String::from) }
}

fn failed(failure: Failure) -> Cause {
    Cause::new(failure.code, failure.message)
}

fn not_sent(not_sent: &NotSent) -> Cause {
    Cause::new(not_sent.cause.code(), not_sent.to_string())
}
