//! Is an answer of Xendit about the bill in question?
//!
//! A proxy that mixes up its connections, a cache or a wrong base URL can answer with somebody else's invoice.
//! So a 200 is not enough: what the answer says about the bill must not contradict it. What is missing
//! contradicts nothing.

use antre_core::amount::Amount;

use super::listing::{is_adoptable, is_ours, is_recorded};
use super::{ExpectedBill, InvoiceView};
use crate::api::invoice_view::{InvoiceStatus, Metadata};
use crate::body::billed::for_currency;

/// The field by which an answer shows that it is about another bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mismatch {
    /// The invoice belongs to another Xendit account.
    UserId,
    /// The invoice has another `external_id`.
    ExternalId,
    /// The invoice carries the mark of another bill.
    Mark,
    /// The invoice is in another currency.
    Currency,
    /// The invoice is for another amount.
    Amount,
}

impl Mismatch {
    /// Returns an explanation for people; it never repeats a value.
    pub const fn text(self) -> &'static str {
        match self {
            Self::UserId => "the answer's user_id is another account's; check the base URL and key",
            Self::ExternalId => {
                "the answer's external_id is not this bill's; check proxies on the way to xendit"
            }
            Self::Mark => {
                "the answer's metadata.antre_job is another bill's; check proxies on the way to xendit"
            }
            Self::Currency => "the answer's currency is not the one that was asked for",
            Self::Amount => "the answer's amount is not the one that was asked for",
        }
    }
}

/// Returns whether an invoice can be the one that a create for this bill asked for.
///
/// Only what both sides know is compared. Amounts are compared as the currency counts them: rupiah lose their
/// decimals. Metadata without our mark is no contradiction.
///
/// # Errors
/// The first [`Mismatch`], in the order of its variants.
pub fn agreement(bill: &ExpectedBill, invoice: &InvoiceView) -> Result<(), Mismatch> {
    let user_ids = bill.user_id.as_ref().zip(invoice.user_id.as_ref());
    if user_ids.is_some_and(|(ours, theirs)| ours != theirs) {
        return Err(Mismatch::UserId);
    }
    if invoice.external_id.as_ref().is_some_and(|name| *name != bill.external_id) {
        return Err(Mismatch::ExternalId);
    }
    if let Metadata::Marker(marker) = &invoice.metadata
        && *marker != bill.marker
    {
        return Err(Mismatch::Mark);
    }
    money_agreement(bill, invoice)
}

/// Compares currency and amount only.
pub(super) fn money_agreement(bill: &ExpectedBill, invoice: &InvoiceView) -> Result<(), Mismatch> {
    let currencies = bill.currency.as_ref().zip(invoice.currency.as_ref());
    if currencies.is_some_and(|(ours, theirs)| !ours.eq_ignore_ascii_case(theirs)) {
        return Err(Mismatch::Currency);
    }
    let cut = |amount: &Amount| for_currency(amount, bill.currency.as_deref());
    let is_same = |amount: &Amount| {
        *amount == bill.amount
            || matches!((cut(amount), cut(&bill.amount)), (Ok(theirs), Ok(ours)) if theirs == ours)
    };
    if invoice.amount.as_ref().is_some_and(|amount| !is_same(amount)) {
        return Err(Mismatch::Amount);
    }
    Ok(())
}

/// Why a list is no answer to a look-up of this bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListFault {
    /// It holds an invoice of another bill, or of another Xendit account.
    Foreign,
    /// An invoice of this bill can be paid but has no payment link.
    WithoutLink,
    /// A done bill is being looked at again, and the list lacks the invoice that is recorded for it.
    RecordedMissing,
}

impl ListFault {
    /// Returns the stable word for `error_code`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Foreign => "foreign_list",
            Self::WithoutLink => "no_link",
            Self::RecordedMissing => "recorded_missing",
        }
    }

    /// Returns an explanation for people.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Foreign => {
                "the list has an invoice of another bill or account; check the base URL, key and proxies"
            }
            Self::WithoutLink => "the list has a payable invoice of this bill without its link",
            Self::RecordedMissing => "the list lacks the invoice that is recorded for this bill",
        }
    }
}

/// Returns what makes a list no list of this bill, if anything does.
///
/// A list that does not follow the filter proves nothing about absence, so one foreign item is enough. Foreign
/// is an item of another or no `external_id` without our mark, one of another `user_id`, and a list whose items
/// have several. What may be delivered needs a link, unless it is paid.
pub fn list_fault(
    bill: &ExpectedBill,
    invoices: &[InvoiceView],
    is_complete: bool,
) -> Option<ListFault> {
    let mut user_ids = invoices.iter().filter_map(|invoice| invoice.user_id.as_ref());
    let first = user_ids.next();
    if invoices.iter().any(|one| is_foreign(bill, one)) || user_ids.any(|id| Some(id) != first) {
        return Some(ListFault::Foreign);
    }
    let shows_metadata = invoices.iter().any(|invoice| invoice.metadata != Metadata::Absent);
    let may_be_delivered = |invoice: &InvoiceView| {
        let is_payable = !invoice.status.is_paid() && invoice.status != InvoiceStatus::Expired;
        is_payable && (is_ours(bill, invoice, shows_metadata) || is_adoptable(bill, invoice))
    };
    if invoices.iter().any(|one| may_be_delivered(one) && one.invoice_url.is_none()) {
        return Some(ListFault::WithoutLink);
    }
    let is_missing = bill.is_recheck
        && is_complete
        && bill.recorded.is_some()
        && !invoices.iter().any(|one| is_recorded(bill, one));
    is_missing.then_some(ListFault::RecordedMissing)
}

fn is_foreign(bill: &ExpectedBill, invoice: &InvoiceView) -> bool {
    let is_marked = matches!(&invoice.metadata, Metadata::Marker(marker) if *marker == bill.marker);
    match agreement(bill, invoice) {
        Err(Mismatch::UserId) => true,
        Err(Mismatch::ExternalId) => !is_marked,
        Err(Mismatch::Mark | Mismatch::Currency | Mismatch::Amount) | Ok(()) => {
            invoice.external_id.is_none() && !is_marked
        }
    }
}

#[cfg(test)]
mod tests;
