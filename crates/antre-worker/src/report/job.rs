//! What answers mean for a job.

use antre_protocol::{
    identity::{DeadReason, Decision, ExpectedBill, WarningCode, identify},
    invoice_view::InvoiceView,
    outcome::{AmbiguousCause, CreateOutcome, ExpireOutcome, LookUpOutcome, Refusal},
    warning::Warning,
};
use antre_store::{
    claim::Grant,
    finish::{Delivered, Died, GoesOn},
};

use super::{Meaning, goes_on, key_refused, limited, not_sent};
use crate::request::Prepared;

pub(super) fn after_create(grant: &Grant, prepared: &Prepared, outcome: CreateOutcome) -> Meaning {
    match outcome {
        CreateOutcome::Created(invoice) => Meaning::Done(Box::new(delivered(
            "created",
            grant.external_id(),
            &invoice,
            &with_remarks(grant, &prepared.warnings),
        ))),
        CreateOutcome::Rejected(refusal) => Meaning::Dead(Box::new(rejected(&refusal))),
        CreateOutcome::Limited(wait) => limited(wait),
        CreateOutcome::KeyRefused(refusal) => key_refused(&refusal),
        CreateOutcome::NotSent(reason) => not_sent(&reason),
        CreateOutcome::Ambiguous { cause, answered } => Meaning::GoesOn(GoesOn {
            outcome: "ambiguous",
            code: cause.code().into_owned(),
            message: cause.text().to_owned(),
            is_answered: if answered && !is_gateway_timeout(cause) { "1" } else { "" },
            ..GoesOn::default()
        }),
    }
}

/// Returns the warnings after those that an earlier look-up left with the job.
fn with_remarks(grant: &Grant, warnings: &[Warning]) -> Vec<Warning> {
    let remarks = grant.field("warnings").and_then(|text| serde_json::from_str(text).ok());
    let mut all: Vec<Warning> = remarks.unwrap_or_default();
    all.extend_from_slice(warnings);
    all
}

/// A gateway that gave up says nothing about the server behind it, which may still be at work.
fn is_gateway_timeout(cause: AmbiguousCause) -> bool {
    matches!(cause, AmbiguousCause::ServerError(504))
}

/// `left_out` holds the warnings about every invoice that we made for this bill.
pub(super) fn after_look_up(
    bill: &ExpectedBill,
    left_out: &[Warning],
    outcome: LookUpOutcome,
) -> Meaning {
    let (invoices, complete) = match outcome {
        LookUpOutcome::Found { invoices, complete } => (invoices, complete),
        LookUpOutcome::Limited(wait) => return limited(wait),
        LookUpOutcome::KeyRefused(refusal) => return key_refused(&refusal),
        LookUpOutcome::NotSent(reason) => return not_sent(&reason),
        LookUpOutcome::Failed(failure) => {
            return goes_on("lookup_failed", &failure.code, &failure.message);
        }
    };
    let verdict = identify(bill, &invoices, complete);
    let is_foreign = verdict.warnings.iter().any(|one| one.code == WarningCode::AdoptedForeign);
    let mut warnings: Vec<Warning> = verdict.warnings.into_iter().map(Warning::from).collect();
    match verdict.decision {
        Decision::Adopt(invoice) => {
            if !is_foreign {
                warnings.extend_from_slice(left_out);
            }
            let mut delivered = delivered("adopted", &bill.external_id, &invoice, &warnings);
            delivered.surplus = verdict.surplus.join(" ");
            Meaning::Done(Box::new(delivered))
        }
        Decision::Absent => Meaning::GoesOn(GoesOn {
            outcome: "absent",
            warnings: json(&warnings),
            ..GoesOn::default()
        }),
        Decision::ExpireFirst { invoice_id } => Meaning::GoesOn(GoesOn {
            outcome: "expire_first",
            invoice_id,
            warnings: json(&warnings),
            ..GoesOn::default()
        }),
        Decision::Dead { reason, invoice, expired_ids } => Meaning::Dead(Box::new(Died {
            outcome: "found",
            error_code: reason.code().to_owned(),
            error_message: reason.text().to_owned(),
            // The link of a conflicting invoice is the other job's, perhaps another customer's.
            response: invoice
                .as_ref()
                .filter(|_| reason != DeadReason::Conflict)
                .map(|invoice| invoice.raw.to_string())
                .unwrap_or_default(),
            warnings: json(&warnings),
            invoice_id: invoice.map(|invoice| invoice.id).unwrap_or_default(),
            past: expired_ids.join(" "),
        })),
    }
}

pub(super) fn after_expire(outcome: ExpireOutcome) -> Meaning {
    match outcome {
        // Already paid or expired: the look-up that follows will tell.
        ExpireOutcome::Expired(_) | ExpireOutcome::NotPending { .. } => goes_on("expired", "", ""),
        ExpireOutcome::Limited(wait) => limited(wait),
        ExpireOutcome::KeyRefused(refusal) => key_refused(&refusal),
        ExpireOutcome::NotSent(reason) => not_sent(&reason),
        ExpireOutcome::Failed(failure) => goes_on("lookup_failed", &failure.code, &failure.message),
    }
}

fn delivered(
    outcome: &'static str,
    external_id: &str,
    invoice: &InvoiceView,
    warnings: &[Warning],
) -> Delivered {
    Delivered {
        outcome,
        external_id: external_id.to_owned(),
        invoice_id: invoice.id.clone(),
        invoice_url: invoice.invoice_url.clone().unwrap_or_default(),
        expiry_date: invoice.expiry_date.clone().unwrap_or_default(),
        expires_at: invoice.expiry_ms.map(|ms| ms.to_string()).unwrap_or_default(),
        user_id: invoice.user_id.clone().unwrap_or_default(),
        response: invoice.raw.to_string(),
        warnings: json(warnings),
        is_paid: if invoice.status.is_paid() { "1" } else { "" },
        surplus: String::new(),
    }
}

fn rejected(refusal: &Refusal) -> Died {
    let message = match &refusal.errors {
        Some(errors) => format!("{} {errors}", refusal.message),
        None => refusal.message.clone(),
    };
    Died {
        outcome: "rejected",
        error_code: refusal.code.clone(),
        error_message: message,
        ..Died::default()
    }
}

fn json(warnings: &[Warning]) -> String {
    serde_json::to_string(warnings).unwrap_or_else(|_| "[]".to_owned())
}
