//! The decision after a look-up.

use super::Warning;
use crate::api::invoice_view::InvoiceView;

/// What to do about a bill after a look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What becomes of the job.
    pub decision: Decision,
    /// Ids of further invoices of ours that can still be paid and have to be expired.
    pub surplus: Vec<String>,
    /// What a person may want to know, without personal data.
    pub warnings: Vec<Warning>,
}

/// What becomes of the job after a look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The bill has this invoice.
    Adopt(InvoiceView),
    /// The bill has no invoice at this moment of the list.
    Absent,
    /// This invoice of ours is for another amount and can still be paid: expire it, look up again.
    ExpireFirst {
        /// The invoice's id.
        invoice_id: String,
    },
    /// The job cannot go on by itself.
    Dead {
        /// Why not.
        reason: DeadReason,
        /// The invoice that is the reason, if one is.
        invoice: Option<InvoiceView>,
        /// Ids of invoices of ours, all expired, that a revival may count as past.
        expired_ids: Vec<String>,
    },
}

/// Why a look-up ends a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeadReason {
    /// The customer has paid, or may have paid, an invoice of this bill with another amount.
    PaidOtherAmount,
    /// The bill's invoice expired before anybody could be given its link.
    ExpiredBeforeDelivery,
    /// Xendit listed only a part of its invoices of this name, and ours was not in that part.
    TooManyInvoices,
    /// The bill is being looked at again for another amount, and its invoice can still be paid.
    Conflict,
}

impl DeadReason {
    /// Returns the stable word for `error_code`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::PaidOtherAmount => "paid_other_amount",
            Self::ExpiredBeforeDelivery => "expired_before_delivery",
            Self::TooManyInvoices => "too_many_invoices",
            Self::Conflict => "conflict",
        }
    }

    /// Returns an explanation for people.
    pub const fn text(self) -> &'static str {
        match self {
            Self::PaidOtherAmount => {
                "the customer paid an invoice of this bill with another amount; settle it with them"
            }
            Self::ExpiredBeforeDelivery => {
                "the bill's invoice expired before its link was delivered; retry to make a new one"
            }
            Self::TooManyInvoices => {
                "xendit lists a hundred or more invoices of this external_id; use another one"
            }
            Self::Conflict => {
                "a payable invoice of this bill has another amount, currency or customer; \
                 expire it at xendit or wait until it expires"
            }
        }
    }
}
