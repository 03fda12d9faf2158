//! The meaning of answers for a job.

use antre_core::job_outcome::Adoption;
use antre_core::job_outcome::Cause;
use antre_core::job_outcome::DeadEnd;
use antre_core::job_outcome::Delivery;
use antre_core::job_outcome::JobOutcome;
use antre_core::warning::Warning;
use antre_store::claim::Grant;
use antre_xendit::api::identity::DeadReason;
use antre_xendit::api::identity::Decision;
use antre_xendit::api::identity::ExpectedBill;
use antre_xendit::api::identity::WarningCode;
use antre_xendit::api::identity::identify;
use antre_xendit::api::invoice_view::InvoiceView;
use antre_xendit::api::outcome::AmbiguousCause;
use antre_xendit::api::outcome::CreateOutcome;
use antre_xendit::api::outcome::ExpireOutcome;
use antre_xendit::api::outcome::LookUpOutcome;
use antre_xendit::api::outcome::Refusal;

use super::{failed, invoice, is_of_key, not_sent, refused};
use crate::request::Prepared;

pub(super) fn after_create(
    grant: &Grant,
    prepared: &Prepared,
    outcome: CreateOutcome,
) -> JobOutcome {
    match outcome {
        CreateOutcome::Created(made) => JobOutcome::Created(Delivery {
            invoice: invoice::listed(made),
            warnings: with_remarks(grant, &prepared.warnings),
        }),
        CreateOutcome::Rejected(refusal) => JobOutcome::Rejected(refused(refusal)),
        CreateOutcome::Limited(limited) => JobOutcome::Limited(limited),
        CreateOutcome::KeyRefused(refusal) => key_refused(refusal),
        CreateOutcome::NotSent(reason) => JobOutcome::NotSent(not_sent(&reason)),
        CreateOutcome::Ambiguous { cause, answered, body } => JobOutcome::Ambiguous {
            is_answered: answered && !is_gateway_timeout(cause),
            cause: Cause {
                code: cause.code().into_owned(),
                message: cause.text().to_owned(),
                status: cause.status(),
                response: body.map(String::from),
            },
        },
    }
}

/// Returns the warnings after those that an earlier look-up left with the job.
fn with_remarks(grant: &Grant, warnings: &[Warning]) -> Vec<Warning> {
    grant.job.warnings.iter().chain(warnings).cloned().collect()
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

pub(super) fn after_look_up(asked: &LookedFor<'_>, outcome: LookUpOutcome) -> JobOutcome {
    let LookedFor { bill, left_out, .. } = *asked;
    let (invoices, complete) = match outcome {
        LookUpOutcome::Found { invoices, complete } => (invoices, complete),
        LookUpOutcome::Limited(limited) => return JobOutcome::Limited(limited),
        LookUpOutcome::KeyRefused(refusal) => return key_refused(refusal),
        LookUpOutcome::NotSent(reason) => return JobOutcome::NotSent(not_sent(&reason)),
        LookUpOutcome::Failed(failure) => return JobOutcome::LookUpFailed(failed(failure)),
    };
    let verdict = identify(bill, &invoices, complete);
    let is_foreign = verdict.warnings.iter().any(|one| one.code == WarningCode::AdoptedForeign);
    let mut warnings: Vec<Warning> = verdict.warnings.into_iter().map(Warning::from).collect();
    match verdict.decision {
        Decision::Adopt(found) => {
            if !is_foreign {
                warnings.extend_from_slice(left_out);
            }
            let is_already_paid = found.status.is_paid() && existed_before(asked, &found);
            warnings.extend(is_already_paid.then(|| already_paid(&found)));
            let delivery = Delivery { invoice: invoice::listed(found), warnings };
            let surplus = verdict.surplus;
            JobOutcome::Adopted(Box::new(Adoption { delivery, is_already_paid, surplus }))
        }
        Decision::Absent => JobOutcome::Absent { remarks: warnings },
        Decision::ExpireFirst { invoice_id } => {
            JobOutcome::ExpireFirst { invoice_id, remarks: warnings }
        }
        Decision::Dead { reason, invoice, expired_ids } => {
            // The link of a conflicting invoice is the other job's, perhaps another customer's.
            let told = invoice.as_ref().filter(|_| reason != DeadReason::Conflict);
            let response = told.map(|invoice| invoice.raw.to_string());
            JobOutcome::FoundDead(Box::new(DeadEnd {
                cause: Cause { response, ..Cause::new(reason.code(), reason.text()) },
                warnings,
                invoice_id: invoice.map(|invoice| invoice.id),
                closed_invoices: expired_ids,
            }))
        }
    }
}

/// Tells whether the invoice is certainly not one that this job made: an earlier job's, or one that was there
/// before the job sent a create.
fn existed_before(asked: &LookedFor<'_>, invoice: &InvoiceView) -> bool {
    let bill = asked.bill;
    let is_recorded = bill.is_recheck && bill.recorded.as_ref() == Some(&invoice.id);
    bill.closed_invoices.contains(&invoice.id) || is_recorded || !asked.has_created
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

pub(super) fn after_expire(outcome: ExpireOutcome) -> JobOutcome {
    match outcome {
        // Already paid or expired: the look-up that follows will tell.
        ExpireOutcome::Expired(_) | ExpireOutcome::NotPending { .. } => JobOutcome::Expired,
        ExpireOutcome::Limited(limited) => JobOutcome::Limited(limited),
        ExpireOutcome::KeyRefused(refusal) => key_refused(refusal),
        ExpireOutcome::NotSent(reason) => JobOutcome::NotSent(not_sent(&reason)),
        ExpireOutcome::Failed(failure) => JobOutcome::LookUpFailed(failed(failure)),
    }
}

fn key_refused(refusal: Refusal) -> JobOutcome {
    if is_of_key(&refusal) {
        JobOutcome::KeyRefused(refused(refusal))
    } else {
        JobOutcome::Refused(refused(refusal))
    }
}
