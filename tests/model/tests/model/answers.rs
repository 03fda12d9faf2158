//! The answers that a course gives, in the words of both sides.

use std::time::Duration;

use antre_core::{Quota, state::Step};
use antre_model::machine::{Outcome, Reading, Standing};
use antre_store::{
    claim::WorkerIdentity,
    finish::{ChoreDone, Delivered, Died, GoesOn, QuotaSeen},
};

use crate::{
    operation::Roll,
    world::{AfterChore, Answer, ChoreOutcome, Shown},
};

/// What an answer may be about.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) step: Step,
    pub(crate) fence: &'a str,
    pub(crate) external_id: &'a str,
    /// Invoices of the bill that creates may have made.
    pub(crate) invoices: Vec<String>,
    /// Those of them, and others, that are being expired.
    pub(crate) past: &'a str,
    pub(crate) now_ms: u64,
}

/// A job's answer for the store.
#[derive(Debug)]
pub(crate) enum ForStore {
    Done(Delivered),
    Dead(Died),
    GoesOn(GoesOn),
}

/// Returns the answer that the roll names.
pub(crate) fn job_answer(roll: Roll, subject: &Subject<'_>) -> (Answer, ForStore) {
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
        surplus: Vec::from_iter(has_surplus.then(|| format!("surplus-{}", subject.fence))),
        outcome,
    };
    let for_store = for_store(&answer, subject.external_id, is_paid);
    (answer, for_store)
}

fn outcome(roll: Roll, subject: &Subject<'_>, is_paid: bool) -> Outcome {
    let rejected = || Outcome::Rejected("REFUSED".to_owned());
    let good = match subject.step {
        Step::Create => {
            vec![created(roll, subject, is_paid), created(roll, subject, is_paid), rejected()]
        }
        Step::Expire => vec![Outcome::Expired],
        Step::LookUp => vec![
            Outcome::Absent,
            Outcome::Absent,
            adopted(roll, subject, is_paid),
            adopted(roll, subject, is_paid),
            Outcome::ExpireFirst,
            Outcome::FoundDead("expired_before_delivery".to_owned()),
        ],
    };
    let own = match subject.step {
        Step::Create => vec![
            Outcome::Ambiguous(Reading::Unanswered),
            Outcome::Ambiguous(Reading::Unanswered),
            Outcome::Ambiguous(Reading::Answered),
            Outcome::Ambiguous(Reading::Answered),
        ],
        Step::LookUp | Step::Expire => vec![Outcome::LookUpFailed, Outcome::LookUpFailed],
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
    let made = format!("invoice-{}", subject.fence);
    let is_past = !is_paid && subject.past.split_whitespace().any(|past| past == made);
    Outcome::Created(made, if is_past { Standing::Past } else { Standing::Good })
}

fn adopted(roll: Roll, subject: &Subject<'_>, is_paid: bool) -> Outcome {
    let past = subject.past.split_whitespace().map(str::to_owned);
    let mut choices: Vec<String> = subject.invoices.iter().cloned().chain(past).collect();
    choices.push(format!("foreign-{}", subject.external_id));
    let invoice = choices[usize::try_from(roll.detail).unwrap() % choices.len()].clone();
    let is_past = !is_paid && subject.past.split_whitespace().any(|past| past == invoice);
    Outcome::Adopted(invoice, if is_past { Standing::Past } else { Standing::Good })
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
        Outcome::Expired => "expired",
        Outcome::Abandoned => "abandoned",
        Outcome::Created(..) => "created",
        Outcome::Adopted(..) => "adopted",
    }
}

fn quota(detail: u32) -> Quota {
    let Some(kind) = Some(detail % 16).filter(|kind| *kind < 3) else { return Quota::default() };
    Quota {
        remaining: Some(detail / 16 % 4),
        limit: [Some(2), Some(5), None][usize::try_from(kind).unwrap()],
        reset: (detail / 64)
            .is_multiple_of(4)
            .then(|| Duration::from_millis(u64::from(detail % 9_000))),
    }
}

pub(crate) fn quota_seen(quota: Quota) -> QuotaSeen {
    QuotaSeen { remaining: quota.remaining, limit: quota.limit, reset: quota.reset }
}

fn for_store(answer: &Answer, external_id: &str, is_paid: bool) -> ForStore {
    let word = |text: &str| -> &'static str { WORDS.iter().find(|word| **word == text).unwrap() };
    match &answer.outcome {
        Outcome::Created(invoice, _) | Outcome::Adopted(invoice, _) => ForStore::Done(Delivered {
            outcome: word(&answer.code),
            external_id: external_id.to_owned(),
            invoice_id: invoice.clone(),
            expires_at: answer.expires_at.clone(),
            response: "{}".to_owned(),
            warnings: "[]".to_owned(),
            is_paid: if is_paid { "1" } else { "" },
            surplus: answer.surplus.join(" "),
            ..Delivered::default()
        }),
        Outcome::Rejected(code) | Outcome::FoundDead(code) => ForStore::Dead(Died {
            outcome: if matches!(answer.outcome, Outcome::Rejected(_)) {
                "rejected"
            } else {
                "found"
            },
            error_code: code.clone(),
            ..Died::default()
        }),
        _ => ForStore::GoesOn(GoesOn {
            outcome: word(&answer.code),
            code: answer.code.clone(),
            wait_us: answer.wait.as_micros().to_string(),
            is_answered: match answer.outcome {
                Outcome::Ambiguous(Reading::Answered) => "1",
                _ => "",
            },
            invoice_id: "other".to_owned(),
            ..GoesOn::default()
        }),
    }
}

const WORDS: [&str; 12] = [
    "created",
    "adopted",
    "ambiguous",
    "not_sent",
    "lookup_failed",
    "refused",
    "key_refused",
    "limited",
    "absent",
    "expire_first",
    "expired",
    "abandoned",
];

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
    Shown {
        outcome,
        user_id: if outcome == "seen" { user_id } else { "" },
        mode: worker.mode.as_str(),
        wait: Duration::from_millis(u64::from(roll.detail % 30_000)),
        quota: quota(roll.detail),
    }
}

/// Returns the answer to a chore's request that the roll names.
pub(crate) fn chore_answer(roll: Roll, fence: &str) -> (AfterChore, ChoreDone) {
    const BAD: [ChoreOutcome; 5] = [
        ChoreOutcome::NotSent,
        ChoreOutcome::LookUpFailed,
        ChoreOutcome::Refused,
        ChoreOutcome::KeyRefused,
        ChoreOutcome::Limited,
    ];
    let outcome = if roll.is_good { ChoreOutcome::Done } else { BAD[roll.choice % BAD.len()] };
    let is_done = outcome == ChoreOutcome::Done;
    let relink = (is_done && roll.choice.is_multiple_of(5)).then(|| format!("relinked-{fence}"));
    let surplus = (is_done && roll.choice.is_multiple_of(7)).then(|| format!("surplus-{fence}"));
    let wait = Duration::from_millis(u64::from(roll.detail % 30_000));
    let after = AfterChore {
        outcome,
        wait,
        quota: quota(roll.detail),
        surplus,
        relink,
        is_to_be_audited: is_done && roll.choice.is_multiple_of(11),
    };
    let for_store = ChoreDone {
        outcome: outcome.as_str(),
        code: outcome.as_str().to_owned(),
        wait_us: wait.as_micros().to_string(),
        surplus: after.surplus.clone().unwrap_or_default(),
        audit: if after.is_to_be_audited { "1" } else { "" },
        relink: if after.relink.is_some() { "1" } else { "" },
        invoice_id: after.relink.clone().unwrap_or_default(),
        response: "{}".to_owned(),
        ..ChoreDone::default()
    };
    (after, for_store)
}
