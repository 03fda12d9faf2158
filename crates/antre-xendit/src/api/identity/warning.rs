//! Warnings of a look-up for people.

use std::fmt;

use super::listing::{Listing, is_alive, is_recorded};
use super::{ExpectedBill, InvoiceView};
use crate::api::invoice_view::InvoiceStatus;

/// The most warnings of one look-up; a list can hold a hundred invoices of one name.
const WARNINGS_MAX: usize = 10;

/// A remark on a bill, made of a code and an invoice's id only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What was found.
    pub code: WarningCode,
    /// The invoice it was found at.
    pub invoice_id: String,
}

/// What a look-up found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WarningCode {
    /// An invoice of the same name, not ours, can be paid or has been.
    ForeignInvoice,
    /// The invoice that the bill now has was not made by Antre.
    AdoptedForeign,
    /// The invoice that the bill now has carries our mark but names another customer.
    PayerDiffers,
    /// An invoice of ours is in a state that Antre does not know.
    UnknownStatus,
    /// An invoice of ours was paid at another amount.
    PaidOtherAmount,
    /// A second invoice of ours was paid.
    PaidTwice,
    /// The recorded invoice is not in Xendit's list.
    RecordedMissing,
}

impl WarningCode {
    /// Returns the stable word for results and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ForeignInvoice => "foreign_invoice",
            Self::AdoptedForeign => "adopted_foreign",
            Self::PayerDiffers => "payer_differs",
            Self::UnknownStatus => "unknown_status",
            Self::PaidOtherAmount => "paid_other_amount",
            Self::PaidTwice => "paid_twice",
            Self::RecordedMissing => "recorded_missing",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::ForeignInvoice => {
                "has the same external_id but was not made by Antre; left alone"
            }
            Self::AdoptedForeign => "was not made by Antre; adopted because of check_first",
            Self::PayerDiffers => "names another customer than this job",
            Self::UnknownStatus => "has a status that Antre does not know",
            Self::PaidOtherAmount => "of this bill was paid at another amount",
            Self::PaidTwice => "of this bill was paid as well; the customer may have paid twice",
            Self::RecordedMissing => "is recorded for this bill but not in Xendit's list",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "invoice {} {}", self.invoice_id, self.code.text())
    }
}

impl From<Warning> for antre_core::warning::Warning {
    /// Returns the remark as a job's result carries it.
    fn from(warning: Warning) -> Self {
        let message = warning.to_string().into();
        Self { code: warning.code.as_str().into(), field: None, message }
    }
}

/// Returns the first [`WARNINGS_MAX`] warnings, those about our own invoices first.
pub(super) fn all(
    bill: &ExpectedBill,
    listing: &Listing<'_>,
    adopted: Option<&InvoiceView>,
) -> Vec<Warning> {
    let mut warnings = about_recorded(bill, listing);
    for invoice in listing.agreeing.iter().chain(&listing.otherwise) {
        let codes = [
            unknown_status(invoice),
            paid_besides(invoice, listing, adopted),
            other_payer(bill, invoice, adopted),
        ];
        let warning = |code| Warning { code, invoice_id: invoice.id.clone() };
        warnings.extend(codes.into_iter().flatten().map(warning));
    }
    for invoice in listing.foreign.iter().filter(|invoice| is_alive(invoice)) {
        let code = if is_same(adopted, invoice) {
            WarningCode::AdoptedForeign
        } else {
            WarningCode::ForeignInvoice
        };
        warnings.push(Warning { code, invoice_id: invoice.id.clone() });
    }
    warnings.truncate(WARNINGS_MAX);
    warnings
}

fn about_recorded(bill: &ExpectedBill, listing: &Listing<'_>) -> Vec<Warning> {
    let mut listed = listing.agreeing.iter().chain(&listing.otherwise).chain(&listing.foreign);
    if listed.any(|invoice| is_recorded(bill, invoice)) {
        return Vec::new();
    }
    let missing = |invoice_id| Warning { code: WarningCode::RecordedMissing, invoice_id };
    bill.recorded.clone().map(missing).into_iter().collect()
}

fn unknown_status(invoice: &InvoiceView) -> Option<WarningCode> {
    matches!(invoice.status, InvoiceStatus::Unknown(_)).then_some(WarningCode::UnknownStatus)
}

fn paid_besides(
    invoice: &InvoiceView,
    listing: &Listing<'_>,
    adopted: Option<&InvoiceView>,
) -> Option<WarningCode> {
    if !invoice.status.is_paid() || is_same(adopted, invoice) {
        return None;
    }
    let is_otherwise = listing.otherwise.iter().any(|other| other.id == invoice.id);
    Some(if is_otherwise { WarningCode::PaidOtherAmount } else { WarningCode::PaidTwice })
}

fn other_payer(
    bill: &ExpectedBill,
    invoice: &InvoiceView,
    adopted: Option<&InvoiceView>,
) -> Option<WarningCode> {
    let is_other = is_same(adopted, invoice) && bill.payer.differs(&invoice.payer);
    is_other.then_some(WarningCode::PayerDiffers)
}

fn is_same(adopted: Option<&InvoiceView>, invoice: &InvoiceView) -> bool {
    adopted.is_some_and(|adopted| adopted.id == invoice.id)
}
