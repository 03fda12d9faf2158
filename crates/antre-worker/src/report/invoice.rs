//! The bill as a look-up expects it, and what answers mean for chores.

use antre_core::job::Job;
use antre_store::{
    claim::Grant,
    finish::{ChoreDone, GoesOn},
};
use antre_xendit::{
    api::{
        identity::{Decision, ExpectedBill, identify},
        outcome::{ExpireOutcome, LookUpOutcome},
    },
    body,
};

use super::{Meaning, chore, key_refused, limited, not_sent};
use crate::{account::Account, request::marker};

/// Returns what a look-up for this grant should find.
pub(super) fn expected(account: &Account, grant: &Grant, job: &Job) -> ExpectedBill {
    let region = account.options.notification.region;
    ExpectedBill {
        external_id: grant.external_id().to_owned(),
        marker: marker(account, grant),
        amount: job.bill.amount.clone(),
        currency: job.bill.currency.clone(),
        payer: body::payer_in(job, region),
        first_sent_ms: grant.field("bill.first_sent").and_then(|text| text.parse().ok()),
        recorded: grant.field("bill.invoice_id").map(str::to_owned),
        past: grant
            .field("bill.past")
            .map(|ids| ids.split(' ').map(str::to_owned).collect())
            .unwrap_or_default(),
        closed_before_ms: grant.field("bill.closed_before").and_then(|text| text.parse().ok()),
        check_first: job.check_first,
        is_recheck: grant.field("bill.recheck") == Some("1"),
        may_be_lost: grant.field("rechecked") == Some("1"),
        user_id: grant.field("bill.user_id").map(str::to_owned),
    }
}

pub(super) fn after_audit(bill: &ExpectedBill, outcome: LookUpOutcome) -> Meaning {
    let (invoices, complete) = match outcome {
        LookUpOutcome::Found { invoices, complete } => (invoices, complete),
        LookUpOutcome::Limited(wait) => return as_chore(limited(wait)),
        LookUpOutcome::KeyRefused(refusal) => return as_chore(key_refused(&refusal)),
        LookUpOutcome::NotSent(reason) => return as_chore(not_sent(&reason)),
        LookUpOutcome::Failed(failure) => return failed(failure.code),
    };
    let verdict = identify(bill, &invoices, complete);
    let mut done = ChoreDone { outcome: "done", ..ChoreDone::default() };
    let Decision::Adopt(invoice) = verdict.decision else {
        return chore(done);
    };
    done.surplus = verdict.surplus.join(" ");
    if bill.recorded.as_ref() != Some(&invoice.id) {
        done.relink = "1";
        done.invoice_id = invoice.id;
        done.invoice_url = invoice.invoice_url.unwrap_or_default();
        done.expiry_date = invoice.expiry_date.unwrap_or_default();
        done.expires_at = invoice.expiry_ms.map(|ms| ms.to_string()).unwrap_or_default();
        done.response = invoice.raw.to_string();
    }
    chore(done)
}

pub(super) fn after_chore_expire(outcome: ExpireOutcome) -> Meaning {
    match outcome {
        ExpireOutcome::Expired(_) => chore(ChoreDone { outcome: "done", ..ChoreDone::default() }),
        // Perhaps the customer paid the surplus one: then it is the bill's invoice.
        ExpireOutcome::NotPending { .. } => {
            chore(ChoreDone { outcome: "done", audit: "1", ..ChoreDone::default() })
        }
        ExpireOutcome::Limited(wait) => as_chore(limited(wait)),
        ExpireOutcome::KeyRefused(refusal) => as_chore(key_refused(&refusal)),
        ExpireOutcome::NotSent(reason) => as_chore(not_sent(&reason)),
        ExpireOutcome::Failed(failure) => failed(failure.code),
    }
}

fn failed(code: String) -> Meaning {
    chore(ChoreDone { outcome: "lookup_failed", code, ..ChoreDone::default() })
}

fn as_chore(meaning: Meaning) -> Meaning {
    if let Meaning::GoesOn(GoesOn { outcome, code, wait_us, .. }) = meaning {
        return chore(ChoreDone { outcome, code, wait_us, ..ChoreDone::default() });
    }
    meaning
}
