//! Which of the invoices that Xendit lists for an `external_id` is this bill's own.
//!
//! Names are not unique at Xendit, so a list may hold several invoices of one bill, invoices that
//! another program made, and none at all. [`identify`] is the one place that reads such a list and
//! decides. It never asks for an invoice to be expired that may be somebody else's. Before it, [`agreement`]
//! and [`list_fault`] tell whether an answer is about this bill at all.
//!
//! An invoice is *ours* when its mark equals the bill's; or when no invoice in the answer has any
//! metadata at all (then Xendit has stopped to show it, as every create of ours carries some), and
//! name, amount and currency agree and it was made at or after our first send. No difference of
//! clocks is allowed for in that comparison: an allowance would more often catch an invoice that
//! another program made shortly before. All others are *foreign*.

use antre_core::Payer;
use antre_core::amount::Amount;

use crate::api::invoice_view::{InvoiceStatus, InvoiceView, Metadata};

mod agreement;
mod listing;
mod verdict;
mod warning;

pub use agreement::{ListFault, Mismatch, agreement, list_fault};
pub use verdict::{DeadReason, Decision, Verdict};
pub use warning::{Warning, WarningCode};

use listing::Listing;

/// What is known about the bill whose invoice is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedBill {
    /// The bill's name; listed invoices of another name are foreign unless they carry our mark.
    pub external_id: String,
    /// `<account>/<origin>`, the value of `metadata.antre_job` in every create for this bill.
    pub marker: String,
    /// The amount of the job.
    pub amount: Amount,
    /// The currency of the job; absent means the account's own, which agrees with any.
    pub currency: Option<String>,
    /// The customer of the job.
    pub payer: Payer,
    /// When a create for this bill was first sent, in Unix milliseconds; absent if never.
    pub first_sent_ms: Option<i64>,
    /// The invoice that the bill's record names.
    pub recorded: Option<String>,
    /// Invoices of this bill that have ended or are being expired: expired ones among them prove
    /// nothing, `PENDING` ones are not adopted but expired, paid ones count all the same.
    pub closed_invoices: Vec<String>,
    /// Expired invoices of this bill that were created before this instant are over, in Unix milliseconds of
    /// Xendit's clock. Needed because `closed_invoices` remembers a bounded number only; absent if nothing is known.
    pub closed_before_ms: Option<i64>,
    /// Whether an invoice that Antre did not make may be adopted.
    pub check_first: bool,
    /// Whether the job looks at a done bill again (`check_first` on a bill that has an invoice): what can
    /// still be paid stays as it is, and only where it has expired a new one is made.
    pub is_recheck: bool,
    /// Whether the record of an earlier job of this bill may be lost with the server that held it: then an invoice
    /// of this name with the mark of another job of this account counts as ours, and one that can be paid at another
    /// amount stands in the way.
    pub may_be_lost: bool,
    /// The id of the Xendit account that the bill belongs to; absent if not known yet, which agrees with any.
    pub user_id: Option<String>,
}

/// Decides which of the listed invoices is the bill's own, and what to do about the others.
///
/// `is_complete` tells whether the list holds every invoice of this name. The order of the list does not
/// matter. In order of precedence:
///
/// 1. Among ours that agree in amount (and those that may be adopted under `check_first`): a paid
///    one; the recorded one if it can still be paid; the oldest `PENDING` one; the oldest of ours
///    with an unknown status, which is taken to be alive. Every other `PENDING` one of ours is surplus.
/// 2. But one of ours paid at another amount ends the job, unless (1) found a paid or the recorded one.
/// 3. In a re-check, the recorded one that can be paid and was not found in (1), or else one of ours that is
///    `PENDING` with another amount: dead, `conflict`. Nothing is expired: a customer may have its link.
/// 4. One of ours with another amount, or one of `closed_invoices`, that is `PENDING`: it has to be expired first.
///    One with another amount and an unknown status: dead, because it can be neither given out nor
///    expired, and may have been paid.
/// 5. One of ours that agrees, has expired and is news: dead. Those in `closed_invoices`, the recorded one, those created
///    before `closed_before_ms` or at an unreadable time, and all in a re-check are no news.
/// 6. Nothing: absent if the list is complete, else dead.
pub fn identify(bill: &ExpectedBill, invoices: &[InvoiceView], is_complete: bool) -> Verdict {
    let listing = Listing::sort(bill, invoices);
    let decision = listing.decide(bill, is_complete);
    let adopted = match &decision {
        Decision::Adopt(invoice) => Some(invoice),
        Decision::Absent | Decision::ExpireFirst { .. } | Decision::Dead { .. } => None,
    };
    let surplus = match &decision {
        // Before something new is created, each expiry is a step of the job itself, one after the other. What
        // is in conflict stands.
        Decision::Absent
        | Decision::ExpireFirst { .. }
        | Decision::Dead { reason: DeadReason::Conflict, .. } => Vec::new(),
        Decision::Adopt(_) | Decision::Dead { .. } => listing.surplus(adopted),
    };
    let warnings = warning::all(bill, &listing, adopted);
    Verdict { decision, surplus, warnings }
}

#[cfg(test)]
mod tests;
