//! An outcome as the script reads it: the one place that chooses the finish and writes words and JSON for Lua.
//!
//! The script reads texts only: what is absent is empty or not there, true is `1`, and ids have blanks between them. Each
//! header of `lua/lib/finish_*.lua` lists the fields.

use antre_core::job_outcome::Adoption;
use antre_core::job_outcome::Cause;
use antre_core::job_outcome::DeadEnd;
use antre_core::job_outcome::Delivery;
use antre_core::job_outcome::FollowUpOutcome;
use antre_core::job_outcome::Invoice;
use antre_core::job_outcome::JobOutcome;
use antre_core::job_outcome::Limited;
use antre_core::job_outcome::Outcome;
use antre_core::job_outcome::ProbeOutcome;
use antre_core::job_outcome::ReadOutcome;
use antre_core::read::ReadAnswer;
use antre_core::warning::Warning;
use serde::Serialize;

use crate::{StoreError, claim::Grant};

/// Which finish takes an outcome, and what it reads.
pub(super) struct Written {
    /// `done`, `retry`, `dead`, `follow_up`, `probe` or `read`.
    pub(super) finish: &'static str,
    /// A JSON object.
    pub(super) answer: String,
    /// The response of an invoice that ends its job, or the answer to a read, apart: it is large, and it is JSON already.
    pub(super) response: String,
}

/// Writes the outcome of this grant.
pub(super) fn of(grant: &Grant, outcome: &Outcome) -> Result<Written, StoreError> {
    match outcome {
        Outcome::Job(outcome) => job(grant, outcome),
        Outcome::FollowUp(outcome) => written("follow_up", &follow_up(outcome)),
        Outcome::Probe(outcome) => written("probe", &probe(grant, outcome)),
        Outcome::Read(outcome) => read(outcome),
    }
}

fn written(finish: &'static str, answer: &impl Serialize) -> Result<Written, StoreError> {
    let answer = serde_json::to_string(answer)
        .map_err(|error| StoreError::reply("finish", error.to_string()))?;
    Ok(Written { finish, answer, response: String::new() })
}

fn done(answer: &Done<'_>, delivery: &Delivery) -> Result<Written, StoreError> {
    let response = delivery.invoice.response.clone();
    Ok(Written { response, ..written("done", answer)? })
}

fn job(grant: &Grant, outcome: &JobOutcome) -> Result<Written, StoreError> {
    let word = outcome.word();
    let goes_on = match outcome {
        JobOutcome::Created(delivery) => {
            return done(&Done::of(word, grant, delivery)?, delivery);
        }
        JobOutcome::Adopted(adoption) => {
            let Adoption { delivery, is_already_paid, surplus } = &**adoption;
            let (already_paid, surplus) = (flag(*is_already_paid), surplus.join(" "));
            let answer = Done { already_paid, surplus, ..Done::of(word, grant, delivery)? };
            return done(&answer, delivery);
        }
        JobOutcome::Rejected(cause) => return written("dead", &Dead::of(word, cause)),
        JobOutcome::FoundDead(dead) => {
            let DeadEnd { cause, warnings, invoice_id, closed_invoices } = &**dead;
            let (invoice_id, warnings, closed_invoices) =
                (text(invoice_id.as_ref()), json(warnings)?, closed_invoices.join(" "));
            let dead = Dead { warnings, invoice_id, closed_invoices, ..Dead::of(word, cause) };
            return written("dead", &dead);
        }
        JobOutcome::Absent { remarks } => {
            GoesOn { outcome: word, warnings: json(remarks)?, ..GoesOn::default() }
        }
        JobOutcome::ExpireFirst { invoice_id, remarks } => {
            GoesOn { outcome: word, invoice_id, warnings: json(remarks)?, ..GoesOn::default() }
        }
        JobOutcome::Ambiguous { is_answered, cause } => {
            GoesOn { is_answered: flag(*is_answered), ..GoesOn::of(word, cause) }
        }
        JobOutcome::NotSent(cause)
        | JobOutcome::LookUpFailed(cause)
        | JobOutcome::Refused(cause)
        | JobOutcome::KeyRefused(cause) => GoesOn::of(word, cause),
        JobOutcome::Limited(limited) => {
            let (code, wait_us) = (&*limited.code, wait_us(limited));
            GoesOn { outcome: word, code, wait_us, ..GoesOn::default() }
        }
        JobOutcome::Expired => GoesOn { outcome: word, ..GoesOn::default() },
        JobOutcome::Abandoned { code } => GoesOn { outcome: word, code, ..GoesOn::default() },
    };
    written("retry", &goes_on)
}

/// For `finish_done`.
#[derive(Default, Serialize)]
struct Done<'a> {
    outcome: &'a str,
    external_id: &'a str,
    invoice_id: &'a str,
    invoice_url: &'a str,
    expiry_date: &'a str,
    expires_at: String,
    user_id: &'a str,
    warnings: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    is_paid: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    already_paid: &'a str,
    #[serde(skip_serializing_if = "String::is_empty")]
    surplus: String,
}

impl<'a> Done<'a> {
    fn of(outcome: &'a str, grant: &'a Grant, delivery: &'a Delivery) -> Result<Self, StoreError> {
        let Delivery { invoice, warnings } = delivery;
        let Listed { invoice_id, invoice_url, expiry_date, expires_at, .. } = Listed::of(invoice);
        Ok(Self {
            outcome,
            external_id: grant.external_id(),
            invoice_id,
            invoice_url,
            expiry_date,
            expires_at,
            user_id: text(invoice.account_id.as_ref()),
            warnings: json(warnings)?,
            is_paid: flag(invoice.is_paid),
            ..Self::default()
        })
    }
}

/// For `finish_dead`.
#[derive(Default, Serialize)]
struct Dead<'a> {
    outcome: &'a str,
    error_code: &'a str,
    error_message: &'a str,
    error_status: String,
    response: &'a str,
    warnings: String,
    invoice_id: &'a str,
    closed_invoices: String,
}

impl<'a> Dead<'a> {
    fn of(outcome: &'a str, cause: &'a Cause) -> Self {
        Self {
            outcome,
            error_code: &cause.code,
            error_message: &cause.message,
            error_status: number(cause.status),
            response: text(cause.response.as_ref()),
            ..Self::default()
        }
    }
}

/// For `finish_retry`. Empty `warnings` keep what was remarked before.
#[derive(Default, Serialize)]
struct GoesOn<'a> {
    outcome: &'a str,
    code: &'a str,
    message: &'a str,
    status: String,
    response: &'a str,
    wait_us: String,
    is_answered: &'a str,
    invoice_id: &'a str,
    warnings: String,
}

impl<'a> GoesOn<'a> {
    fn of(outcome: &'a str, cause: &'a Cause) -> Self {
        Self {
            outcome,
            code: &cause.code,
            message: &cause.message,
            status: number(cause.status),
            response: text(cause.response.as_ref()),
            ..Self::default()
        }
    }
}

/// For `finish_follow_up`.
#[derive(Default, Serialize)]
struct FollowUp<'a> {
    outcome: &'a str,
    code: &'a str,
    wait_us: String,
    surplus: String,
    audit: &'a str,
    is_paid: &'a str,
    relink: &'a str,
    #[serde(flatten)]
    relinked: Listed<'a>,
}

/// For `finish_read`.
#[derive(Default, Serialize)]
struct Read<'a> {
    outcome: &'a str,
    code: &'a str,
    wait_us: String,
    expired: &'a str,
    external_id: &'a str,
}

/// What [`crate::reads::ReadEnd`] reads.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ReadReply<'a> {
    Answer(&'a ReadAnswer),
    Failed(&'a str),
}

impl<'a> ReadReply<'a> {
    fn of(answer: Option<&'a ReadAnswer>, code: &'a str) -> Self {
        answer.map_or(Self::Failed(code), Self::Answer)
    }
}

fn read(outcome: &ReadOutcome) -> Result<Written, StoreError> {
    let answered = Read { outcome: outcome.word(), ..Read::default() };
    let (answer, told) = match outcome {
        ReadOutcome::Answered { answer, expired: None } => (answered, ReadReply::Answer(answer)),
        ReadOutcome::Answered { answer, expired: Some(expired) } => {
            let answered =
                Read { expired: &expired.id, external_id: &expired.external_id, ..answered };
            (answered, ReadReply::Answer(answer))
        }
        ReadOutcome::NotSent { code } => (Read { code, ..answered }, ReadReply::Failed(code)),
        ReadOutcome::LookUpFailed { code, answer } | ReadOutcome::KeyRefused { code, answer } => {
            (Read { code, ..answered }, ReadReply::of(answer.as_ref(), code))
        }
        ReadOutcome::Limited { limited, answer } => {
            let wait_us = wait_us(limited);
            let told = ReadReply::of(answer.as_ref(), &limited.code);
            (Read { code: &limited.code, wait_us, ..answered }, told)
        }
    };
    let response = serde_json::to_string(&told)
        .map_err(|error| StoreError::reply("finish", error.to_string()))?;
    Ok(Written { response, ..written("read", &answer)? })
}

/// The fields of an invoice.
#[derive(Default, Serialize)]
struct Listed<'a> {
    invoice_id: &'a str,
    invoice_url: &'a str,
    expiry_date: &'a str,
    expires_at: String,
    response: &'a str,
}

impl<'a> Listed<'a> {
    fn of(invoice: &'a Invoice) -> Self {
        Self {
            invoice_id: &invoice.id,
            invoice_url: text(invoice.url.as_ref()),
            expiry_date: text(invoice.expiry_date.as_ref()),
            expires_at: number(invoice.expires_at_ms),
            response: &invoice.response,
        }
    }
}

fn follow_up(outcome: &FollowUpOutcome) -> FollowUp<'_> {
    let word = outcome.word();
    match outcome {
        FollowUpOutcome::Done(findings) => FollowUp {
            outcome: word,
            surplus: findings.surplus.join(" "),
            audit: flag(findings.is_to_be_audited),
            is_paid: flag(findings.is_paid),
            relink: flag(findings.relinked.is_some()),
            relinked: findings.relinked.as_deref().map(Listed::of).unwrap_or_default(),
            ..FollowUp::default()
        },
        FollowUpOutcome::NotSent { code }
        | FollowUpOutcome::LookUpFailed { code }
        | FollowUpOutcome::Refused { code }
        | FollowUpOutcome::KeyRefused { code } => {
            FollowUp { outcome: word, code, ..FollowUp::default() }
        }
        FollowUpOutcome::Limited(limited) => {
            let (code, wait_us) = (&*limited.code, wait_us(limited));
            FollowUp { outcome: word, code, wait_us, ..FollowUp::default() }
        }
    }
}

/// For `finish_probe`.
#[derive(Default, Serialize)]
struct Probe<'a> {
    outcome: &'a str,
    user_id: &'a str,
    mode: &'a str,
    code: &'a str,
    wait_us: String,
}

fn probe<'a>(grant: &'a Grant, outcome: &'a ProbeOutcome) -> Probe<'a> {
    let mode = grant.worker.mode.as_str();
    let shown = Probe { outcome: outcome.word(), mode, ..Probe::default() };
    match outcome {
        ProbeOutcome::Seen { account_id } => Probe { user_id: text(account_id.as_ref()), ..shown },
        ProbeOutcome::Empty => shown,
        ProbeOutcome::Silent { code }
        | ProbeOutcome::Forbidden { code }
        | ProbeOutcome::KeyRefused { code }
        | ProbeOutcome::NotSent { code }
        | ProbeOutcome::LookUpFailed { code } => Probe { code, ..shown },
        ProbeOutcome::Limited(limited) => {
            Probe { code: &limited.code, wait_us: wait_us(limited), ..shown }
        }
    }
}

fn wait_us(limited: &Limited) -> String {
    limited.wait.as_micros().to_string()
}

fn flag(is_set: bool) -> &'static str {
    if is_set { "1" } else { "" }
}

fn text(text: Option<&String>) -> &str {
    text.map_or("", String::as_str)
}

fn number(number: Option<impl ToString>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

fn json(warnings: &[Warning]) -> Result<String, StoreError> {
    serde_json::to_string(warnings).map_err(|error| StoreError::reply("finish", error.to_string()))
}
