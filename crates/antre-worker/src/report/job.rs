//! What answers mean for a job.

use antre_core::warning::Warning;
use antre_store::{
    claim::Grant,
    finish::{Delivered, Died, GoesOn},
};
use antre_xendit::api::{
    identity::{DeadReason, Decision, ExpectedBill, WarningCode, identify},
    invoice_view::InvoiceView,
    outcome::{AmbiguousCause, CreateOutcome, ExpireOutcome, LookUpOutcome, Refusal},
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
        CreateOutcome::Ambiguous { cause, answered, body } => Meaning::GoesOn(GoesOn {
            outcome: "ambiguous",
            code: cause.code().into_owned(),
            message: cause.text().to_owned(),
            status: cause.status().map(|status| status.to_string()).unwrap_or_default(),
            response: body.as_deref().unwrap_or_default().to_owned(),
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

/// What a job's look-up is about.
pub(super) struct LookedFor<'a> {
    pub(super) bill: &'a ExpectedBill,
    /// The warnings about every invoice that we made for this bill.
    pub(super) left_out: &'a [Warning],
    /// Whether a create of this very job may have made an invoice.
    pub(super) has_created: bool,
}

pub(super) fn after_look_up(asked: &LookedFor<'_>, outcome: LookUpOutcome) -> Meaning {
    let LookedFor { bill, left_out, .. } = *asked;
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
            let is_already_paid = invoice.status.is_paid() && existed_before(asked, &invoice);
            warnings.extend(is_already_paid.then(|| already_paid(&invoice)));
            let mut delivered = delivered("adopted", &bill.external_id, &invoice, &warnings);
            delivered.already_paid = if is_already_paid { "1" } else { "" };
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
            ..Died::default()
        })),
    }
}

/// Tells whether the invoice is certainly not one that this job made: an earlier job's, or one that was there
/// before the job sent a create.
fn existed_before(asked: &LookedFor<'_>, invoice: &InvoiceView) -> bool {
    let bill = asked.bill;
    let is_recorded = bill.is_recheck && bill.recorded.as_ref() == Some(&invoice.id);
    bill.past.contains(&invoice.id) || is_recorded || !asked.has_created
}

/// A number that is used for every month's bill looks like this: no second month is ever billed.
fn already_paid(invoice: &InvoiceView) -> Warning {
    let when = invoice.paid_at().map(|at| format!(" on {at}")).unwrap_or_default();
    let message = format!(
        "names a bill that was paid already{when}, invoice {}; nothing new is billed: a new bill needs an \
         external_id of its own",
        invoice.id
    );
    Warning {
        code: "already_paid".into(),
        field: Some("invoice.external_id".into()),
        message: message.into(),
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
        already_paid: "",
        surplus: String::new(),
    }
}

fn rejected(refusal: &Refusal) -> Died {
    Died {
        outcome: "rejected",
        error_code: refusal.code.clone(),
        error_message: refusal.message.clone(),
        error_status: refusal.status.to_string(),
        response: refusal.body.as_deref().unwrap_or_default().to_owned(),
        ..Died::default()
    }
}

fn json(warnings: &[Warning]) -> String {
    serde_json::to_string(warnings).unwrap_or_else(|_| "[]".to_owned())
}
