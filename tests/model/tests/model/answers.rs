//! The answers that a run gives, in the words of both sides.

use std::{collections::BTreeSet, time::Duration};

use antre_core::Quota;
use antre_core::job_outcome;
use antre_core::job_outcome::Adoption;
use antre_core::job_outcome::Cause;
use antre_core::job_outcome::DeadEnd;
use antre_core::job_outcome::Delivery;
use antre_core::job_outcome::Findings;
use antre_core::job_outcome::Invoice;
use antre_core::job_outcome::JobOutcome;
use antre_core::job_outcome::Limited;
use antre_core::job_outcome::ProbeOutcome;
use antre_core::mode::Mode;
use antre_core::state::NextRequest;
use antre_model::machine::{Outcome, Reading, Standing};
use antre_store::claim::WorkerIdentity;

use crate::{
    model::{AfterFollowUp, Answer, FollowUpOutcome, Shown},
    operation::Roll,
};

/// What an answer may be about.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) request: NextRequest,
    pub(crate) claim_token: &'a str,
    pub(crate) external_id: &'a str,
    /// Invoices of the bill that creates may have made.
    pub(crate) invoices: Vec<String>,
    /// Those of them, and others, that are being expired.
    pub(crate) closed_invoices: &'a str,
    pub(crate) now_ms: u64,
}

/// Returns the answer that the roll names.
pub(crate) fn job_answer(roll: Roll, subject: &Subject<'_>) -> (Answer, JobOutcome) {
    let is_paid = roll.detail.is_multiple_of(5);
    let outcome = outcome(roll, subject, is_paid);
    let wait = Duration::from_millis(u64::from(roll.detail % 30_000));
    let life_ms = if roll.detail.is_multiple_of(2) {
        10_u64.pow(12)
    } else {
        u64::from(roll.detail % 200_000)
    };
    let has_surplus = matches!(outcome, Outcome::Adopted(..)) && roll.detail.is_multiple_of(2);
    let answer = Answer {
        code: code(&outcome).to_owned(),
        wait,
        quota: quota(roll.detail),
        expires_at: (subject.now_ms + life_ms).to_string(),
        surplus: Vec::from_iter(has_surplus.then(|| format!("surplus-{}", subject.claim_token))),
        outcome,
    };
    let for_store = for_store(&answer, is_paid);
    (answer, for_store)
}

fn outcome(roll: Roll, subject: &Subject<'_>, is_paid: bool) -> Outcome {
    let rejected = || Outcome::Rejected("REFUSED".to_owned());
    let good = match subject.request {
        NextRequest::Create => {
            vec![created(roll, subject, is_paid), created(roll, subject, is_paid), rejected()]
        }
        NextRequest::Expire => vec![Outcome::Expired],
        NextRequest::LookUp => vec![
            Outcome::Absent,
            Outcome::Absent,
            adopted(roll, subject, is_paid),
            adopted(roll, subject, is_paid),
            Outcome::ExpireFirst,
            Outcome::FoundDead("expired_before_delivery".to_owned()),
        ],
    };
    let own = match subject.request {
        NextRequest::Create => vec![
            Outcome::Ambiguous(Reading::Unanswered),
            Outcome::Ambiguous(Reading::Unanswered),
            Outcome::Ambiguous(Reading::Answered),
            Outcome::Ambiguous(Reading::Answered),
        ],
        NextRequest::LookUp | NextRequest::Expire => {
            vec![Outcome::LookUpFailed, Outcome::LookUpFailed]
        }
    };
    let any = [
        Outcome::NotSent,
        Outcome::Refused,
        Outcome::KeyRefused,
        Outcome::Limited,
        Outcome::Abandoned,
    ];
    let choices = if roll.is_good { good } else { own.into_iter().chain(any).collect() };
    choices[roll.choice % choices.len()].clone()
}

/// An audit may have found the invoice before the answer to its create came.
fn created(_roll: Roll, subject: &Subject<'_>, is_paid: bool) -> Outcome {
    let made = format!("invoice-{}", subject.claim_token);
    let standing = standing(subject, &made, is_paid);
    Outcome::Created(made, standing)
}

fn adopted(roll: Roll, subject: &Subject<'_>, is_paid: bool) -> Outcome {
    let closed = subject.closed_invoices.split_whitespace().map(str::to_owned);
    let mut choices: Vec<String> = subject.invoices.iter().cloned().chain(closed).collect();
    choices.push(format!("foreign-{}", subject.external_id));
    let invoice = choices[usize::try_from(roll.detail).unwrap() % choices.len()].clone();
    let standing = standing(subject, &invoice, is_paid);
    Outcome::Adopted(invoice, standing)
}

fn standing(subject: &Subject<'_>, invoice: &str, is_paid: bool) -> Standing {
    let mut closed = subject.closed_invoices.split_whitespace();
    match closed.any(|closed| closed == invoice) {
        _ if is_paid => Standing::Paid,
        true => Standing::Closed,
        false => Standing::Good,
    }
}

/// The words that the machine keeps for failures.
fn code(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Rejected(code) | Outcome::FoundDead(code) => code,
        Outcome::Ambiguous(_) => "ambiguous",
        Outcome::NotSent => "not_sent",
        Outcome::LookUpFailed => "lookup_failed",
        Outcome::Refused => "refused",
        Outcome::KeyRefused => "key_refused",
        Outcome::Limited => "limited",
        Outcome::Absent => "absent",
        Outcome::ExpireFirst => "expire_first",
        // Nothing failed.
        Outcome::Expired => "",
        Outcome::Abandoned => "abandoned",
        Outcome::Created(..) => "created",
        Outcome::Adopted(..) => "adopted",
    }
}

pub(crate) fn quota(detail: u32) -> Quota {
    let Some(kind) = Some(detail % 16).filter(|kind| *kind < 3) else { return Quota::default() };
    Quota {
        remaining: Some(detail / 16 % 4),
        limit: [Some(2), Some(5), None][usize::try_from(kind).unwrap()],
        reset: (detail / 64)
            .is_multiple_of(4)
            .then(|| Duration::from_millis(u64::from(detail % 9_000))),
    }
}

fn for_store(answer: &Answer, is_paid: bool) -> JobOutcome {
    let cause = || Cause::new(&*answer.code, "");
    let delivery = |invoice: &str| Delivery {
        invoice: Invoice {
            id: invoice.to_owned(),
            expires_at_ms: answer.expires_at.parse().ok(),
            is_paid,
            response: "{}".to_owned(),
            ..Invoice::default()
        },
        warnings: Vec::new(),
    };
    match &answer.outcome {
        Outcome::Created(invoice, _) => JobOutcome::Created(delivery(invoice)),
        Outcome::Adopted(invoice, _) => {
            let (delivery, surplus) = (delivery(invoice), answer.surplus.clone());
            let adoption = Adoption { delivery, surplus, ..Adoption::default() };
            JobOutcome::Adopted(Box::new(adoption))
        }
        Outcome::Rejected(_) => JobOutcome::Rejected(cause()),
        Outcome::FoundDead(_) => {
            let dead = DeadEnd { cause: cause(), ..DeadEnd::default() };
            JobOutcome::FoundDead(Box::new(dead))
        }
        Outcome::Absent => JobOutcome::Absent { remarks: Vec::new() },
        Outcome::ExpireFirst => {
            JobOutcome::ExpireFirst { invoice_id: "other".to_owned(), remarks: Vec::new() }
        }
        Outcome::Ambiguous(reading) => {
            let is_answered = *reading == Reading::Answered;
            JobOutcome::Ambiguous { is_answered, cause: cause() }
        }
        Outcome::NotSent => JobOutcome::NotSent(cause()),
        Outcome::LookUpFailed => JobOutcome::LookUpFailed(cause()),
        Outcome::Refused => JobOutcome::Refused(cause()),
        Outcome::KeyRefused => JobOutcome::KeyRefused(cause()),
        Outcome::Limited => JobOutcome::Limited(limited(&answer.code, answer.wait)),
        Outcome::Expired => JobOutcome::Expired,
        Outcome::Abandoned => JobOutcome::Abandoned { code: answer.code.clone() },
    }
}

fn limited(code: &str, wait: Duration) -> Limited {
    Limited { code: code.to_owned(), wait }
}

/// Returns the answer to a probe that the roll names.
pub(crate) fn probe_answer(roll: Roll, worker: &WorkerIdentity) -> Shown {
    const BAD: [&str; 5] = ["forbidden", "key_refused", "limited", "not_sent", "lookup_failed"];
    let user_id = if worker.fingerprint == "foreign" { "user-2" } else { "user-1" };
    let outcome = match (roll.is_good, roll.choice % 10) {
        (true, 0) => "empty",
        (true, 1) => "silent",
        (true, _) => "seen",
        (false, choice) => BAD[choice % BAD.len()],
    };
    let wait = Duration::from_millis(u64::from(roll.detail % 30_000));
    Shown {
        outcome,
        user_id: if outcome == "seen" { user_id } else { "" },
        mode: worker.mode.as_str(),
        wait: if outcome == "limited" { wait } else { Duration::ZERO },
        quota: quota(roll.detail),
    }
}

/// Returns the same for the store.
pub(crate) fn probed(shown: &Shown) -> ProbeOutcome {
    let code = || shown.outcome.to_owned();
    let account_id = Some(shown.user_id.to_owned()).filter(|id| !id.is_empty());
    match shown.outcome {
        "seen" => ProbeOutcome::Seen { account_id },
        "empty" => ProbeOutcome::Empty,
        "silent" => ProbeOutcome::Silent { code: code() },
        "forbidden" => ProbeOutcome::Forbidden { code: code() },
        "key_refused" => ProbeOutcome::KeyRefused { code: code() },
        "limited" => ProbeOutcome::Limited(limited("limited", shown.wait)),
        "not_sent" => ProbeOutcome::NotSent { code: code() },
        _ => ProbeOutcome::LookUpFailed { code: code() },
    }
}

/// Returns the answer to a follow-up's request that the roll names.
pub(crate) fn follow_up_answer(
    roll: Roll,
    claim_token: &str,
) -> (AfterFollowUp, job_outcome::FollowUpOutcome) {
    const BAD: [FollowUpOutcome; 5] = [
        FollowUpOutcome::NotSent,
        FollowUpOutcome::LookUpFailed,
        FollowUpOutcome::Refused,
        FollowUpOutcome::KeyRefused,
        FollowUpOutcome::Limited,
    ];
    let outcome = if roll.is_good { FollowUpOutcome::Done } else { BAD[roll.choice % BAD.len()] };
    let is_done = outcome == FollowUpOutcome::Done;
    let relink =
        (is_done && roll.choice.is_multiple_of(5)).then(|| format!("relinked-{claim_token}"));
    let surplus =
        (is_done && roll.choice.is_multiple_of(7)).then(|| format!("surplus-{claim_token}"));
    let wait = Duration::from_millis(u64::from(roll.detail % 30_000));
    let after = AfterFollowUp {
        outcome,
        wait,
        quota: quota(roll.detail),
        surplus,
        relink,
        is_to_be_audited: is_done && roll.choice.is_multiple_of(11),
        is_paid: is_done && roll.choice.is_multiple_of(3),
    };
    let code = outcome.as_str().to_owned();
    let for_store = match outcome {
        FollowUpOutcome::Done => job_outcome::FollowUpOutcome::Done(Findings {
            surplus: after.surplus.iter().cloned().collect(),
            is_to_be_audited: after.is_to_be_audited,
            is_paid: after.is_paid,
            relinked: after.relink.clone().map(|id| {
                Box::new(Invoice { id, response: "{}".to_owned(), ..Invoice::default() })
            }),
        }),
        FollowUpOutcome::NotSent => job_outcome::FollowUpOutcome::NotSent { code },
        FollowUpOutcome::LookUpFailed => job_outcome::FollowUpOutcome::LookUpFailed { code },
        FollowUpOutcome::Refused => job_outcome::FollowUpOutcome::Refused { code },
        FollowUpOutcome::KeyRefused => job_outcome::FollowUpOutcome::KeyRefused { code },
        FollowUpOutcome::Limited => job_outcome::FollowUpOutcome::Limited(limited(&code, wait)),
    };
    (after, for_store)
}

#[test]
fn every_outcome_of_the_store_is_given() {
    let subjects =
        [NextRequest::Create, NextRequest::LookUp, NextRequest::Expire].map(|request| Subject {
            request,
            claim_token: "token",
            external_id: "INV-1",
            invoices: Vec::new(),
            closed_invoices: "",
            now_ms: 0,
        });
    let worker = WorkerIdentity::new("worker", "key", Mode::Live);
    let (mut jobs, mut follow_ups, mut probes) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for choice in 0..40 {
        for is_good in [true, false] {
            let roll = Roll { is_good, choice, detail: 1 };
            jobs.extend(subjects.iter().map(|subject| job_answer(roll, subject).1.word()));
            follow_ups.insert(follow_up_answer(roll, "token").1.word());
            probes.insert(probed(&probe_answer(roll, &worker)).word());
        }
    }
    let words = |words: &[&'static str]| words.iter().copied().collect::<BTreeSet<_>>();
    assert_eq!(jobs, words(JobOutcome::WORDS));
    assert_eq!(follow_ups, words(job_outcome::FollowUpOutcome::WORDS));
    assert_eq!(probes, words(ProbeOutcome::WORDS));
}
