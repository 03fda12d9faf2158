//! The meaning of answers for follow-ups.

use antre_core::job_outcome::Findings;
use antre_core::job_outcome::FollowUpOutcome;
use antre_xendit::api::identity::Decision;
use antre_xendit::api::identity::ExpectedBill;
use antre_xendit::api::identity::identify;
use antre_xendit::api::outcome::ExpireOutcome;
use antre_xendit::api::outcome::LookUpOutcome;
use antre_xendit::api::outcome::NotSent;
use antre_xendit::api::outcome::Refusal;

use super::{invoice, is_of_key};

pub(super) fn after_audit(bill: &ExpectedBill, outcome: LookUpOutcome) -> FollowUpOutcome {
    let (invoices, complete) = match outcome {
        LookUpOutcome::Found { invoices, complete } => (invoices, complete),
        LookUpOutcome::Limited(limited) => return FollowUpOutcome::Limited(limited),
        LookUpOutcome::KeyRefused(refusal) => return refused(refusal),
        LookUpOutcome::NotSent(reason) => return not_sent(&reason),
        LookUpOutcome::Failed(failure) => {
            return FollowUpOutcome::LookUpFailed { code: failure.code };
        }
    };
    let verdict = identify(bill, &invoices, complete);
    let Decision::Adopt(found) = verdict.decision else {
        return FollowUpOutcome::Done(Findings::default());
    };
    let is_another = bill.recorded.as_ref() != Some(&found.id);
    FollowUpOutcome::Done(Findings {
        surplus: verdict.surplus,
        is_paid: found.status.is_paid(),
        relinked: is_another.then(|| Box::new(invoice::listed(found))),
        ..Findings::default()
    })
}

pub(super) fn after_expire(outcome: ExpireOutcome) -> FollowUpOutcome {
    match outcome {
        ExpireOutcome::Expired(_) => FollowUpOutcome::Done(Findings::default()),
        // Perhaps the customer paid the surplus one: then it is the bill's invoice.
        ExpireOutcome::NotPending { .. } => {
            FollowUpOutcome::Done(Findings { is_to_be_audited: true, ..Findings::default() })
        }
        ExpireOutcome::Limited(limited) => FollowUpOutcome::Limited(limited),
        ExpireOutcome::KeyRefused(refusal) => refused(refusal),
        ExpireOutcome::NotSent(reason) => not_sent(&reason),
        ExpireOutcome::Failed(failure) => FollowUpOutcome::LookUpFailed { code: failure.code },
    }
}

fn refused(refusal: Refusal) -> FollowUpOutcome {
    if is_of_key(&refusal) {
        FollowUpOutcome::KeyRefused { code: refusal.code }
    } else {
        FollowUpOutcome::Refused { code: refusal.code }
    }
}

fn not_sent(reason: &NotSent) -> FollowUpOutcome {
    FollowUpOutcome::NotSent { code: reason.cause.code().to_owned() }
}
