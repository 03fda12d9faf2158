//! Which of the invoices that Xendit lists for an `external_id` is this bill's own.
//!
//! Names are not unique at Xendit, so a list may hold several invoices of one bill, invoices that
//! another program made, and none at all. [`identify`] is the one place that reads such a list and
//! decides. It never asks for an invoice to be expired that may be somebody else's.
//!
//! An invoice is *ours* when its mark equals the bill's; or when no invoice in the answer has any
//! metadata at all (then Xendit has stopped to show it, as every create of ours carries some), and
//! name, amount and currency agree and it was made at or after our first send. No difference of
//! clocks is allowed for in that comparison: an allowance would more often catch an invoice that
//! another program made shortly before. All others are *foreign*.

use std::cmp::Reverse;

use crate::amount::Amount;
use crate::invoice_view::{InvoiceStatus, InvoiceView, Metadata};
use crate::payer::Payer;

mod warning;

pub use warning::{Warning, WarningCode};

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
    pub past: Vec<String>,
    /// Whether an invoice that Antre did not make may be adopted.
    pub check_first: bool,
}

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
}

impl DeadReason {
    /// Returns the stable word for `error_code`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::PaidOtherAmount => "paid_other_amount",
            Self::ExpiredBeforeDelivery => "expired_before_delivery",
            Self::TooManyInvoices => "too_many_invoices",
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
        }
    }
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
/// 3. One of ours with another amount, or one of `past`, that is `PENDING`: it has to be expired first.
///    One with another amount and an unknown status: dead, because it can be neither given out nor
///    expired, and may have been paid.
/// 4. One of ours that agrees, expired and not known as past: dead.
/// 5. Nothing: absent if the list is complete, else dead.
pub fn identify(bill: &ExpectedBill, invoices: &[InvoiceView], is_complete: bool) -> Verdict {
    let listing = Listing::sort(bill, invoices);
    let kept = listing.kept(bill);
    let is_firm = kept.is_some_and(|kept| kept.status.is_paid() || is_recorded(bill, kept));
    let paid_otherwise = first(&listing.otherwise, |invoice| invoice.status.is_paid());
    let decision = match (kept, paid_otherwise) {
        (_, Some(paid)) if !is_firm => dead(DeadReason::PaidOtherAmount, paid),
        (Some(kept), _) => Decision::Adopt(kept.clone()),
        (None, _) => listing.without_kept(bill, is_complete),
    };
    let adopted = match &decision {
        Decision::Adopt(invoice) => Some(invoice),
        Decision::Absent | Decision::ExpireFirst { .. } | Decision::Dead { .. } => None,
    };
    // Before something new is created, each expiry is a step of the job itself, one after the other.
    let surplus = match &decision {
        Decision::Absent | Decision::ExpireFirst { .. } => Vec::new(),
        Decision::Adopt(_) | Decision::Dead { .. } => listing.surplus(adopted),
    };
    let warnings = warning::all(bill, &listing, adopted);
    Verdict { decision, surplus, warnings }
}

/// The listed invoices, each once, oldest first, by whose they are.
struct Listing<'a> {
    /// Ours, with the bill's amount.
    agreeing: Vec<&'a InvoiceView>,
    /// Ours, with another amount or currency.
    otherwise: Vec<&'a InvoiceView>,
    /// Somebody else's.
    foreign: Vec<&'a InvoiceView>,
}

impl<'a> Listing<'a> {
    fn sort(bill: &ExpectedBill, invoices: &'a [InvoiceView]) -> Self {
        let mut sorted: Vec<&InvoiceView> = invoices.iter().collect();
        sorted.sort_by_cached_key(|invoice| (invoice.id.clone(), Reverse(liveliness(invoice))));
        sorted.dedup_by(|next, first| next.id == first.id);
        // Ids grow with time at Xendit, so they order invoices of one millisecond.
        sorted.sort_by_key(|invoice| age_rank(invoice));
        let shows_metadata = sorted.iter().any(|invoice| invoice.metadata != Metadata::Absent);
        let (ours, foreign): (Vec<_>, Vec<_>) =
            sorted.into_iter().partition(|invoice| is_ours(bill, invoice, shows_metadata));
        let (agreeing, otherwise) = ours.into_iter().partition(|invoice| agrees(bill, invoice));
        Self { agreeing, otherwise, foreign }
    }

    /// Returns the one invoice that stays, if the bill has one that is alive and agrees.
    fn kept(&self, bill: &ExpectedBill) -> Option<&'a InvoiceView> {
        let mut candidates = self.agreeing.clone();
        candidates.extend(self.foreign.iter().filter(|invoice| is_adoptable(bill, invoice)));
        candidates.retain(|one| !is_closing(bill, one));
        candidates.sort_by_key(|one| (!is_recorded(bill, one), age_rank(one)));
        first(&candidates, |one| one.status.is_paid())
            .or_else(|| first(&candidates, |one| is_recorded(bill, one) && is_alive(one)))
            .or_else(|| first(&candidates, |one| one.status == InvoiceStatus::Pending))
            .or_else(|| first(&candidates, is_alive))
    }

    /// Decides when no invoice of the bill is alive with its amount.
    fn without_kept(&self, bill: &ExpectedBill, is_complete: bool) -> Decision {
        if let Some(unknown) =
            first(&self.otherwise, |invoice| matches!(invoice.status, InvoiceStatus::Unknown(_)))
        {
            return dead(DeadReason::PaidOtherAmount, unknown);
        }
        let closing = first(&self.agreeing, |one| is_closing(bill, one));
        if let Some(pending) = first(&self.otherwise, is_alive).or(closing) {
            return Decision::ExpireFirst { invoice_id: pending.id.clone() };
        }
        let expired: Vec<&InvoiceView> =
            self.agreeing.iter().copied().filter(|one| !bill.past.contains(&one.id)).collect();
        match expired.last() {
            Some(newest) => Decision::Dead {
                reason: DeadReason::ExpiredBeforeDelivery,
                invoice: Some((*newest).clone()),
                expired_ids: expired.iter().map(|invoice| invoice.id.clone()).collect(),
            },
            None if is_complete => Decision::Absent,
            None => Decision::Dead {
                reason: DeadReason::TooManyInvoices,
                invoice: None,
                expired_ids: Vec::new(),
            },
        }
    }

    fn surplus(&self, adopted: Option<&InvoiceView>) -> Vec<String> {
        let ours = self.agreeing.iter().chain(&self.otherwise);
        ours.filter(|invoice| invoice.status == InvoiceStatus::Pending)
            .filter(|invoice| adopted.is_none_or(|adopted| adopted.id != invoice.id))
            .map(|invoice| invoice.id.clone())
            .collect()
    }
}

fn first<'a>(
    invoices: &[&'a InvoiceView],
    wanted: impl Fn(&InvoiceView) -> bool,
) -> Option<&'a InvoiceView> {
    invoices.iter().copied().find(|invoice| wanted(invoice))
}

fn dead(reason: DeadReason, invoice: &InvoiceView) -> Decision {
    Decision::Dead { reason, invoice: Some(invoice.clone()), expired_ids: Vec::new() }
}

fn is_ours(bill: &ExpectedBill, invoice: &InvoiceView, shows_metadata: bool) -> bool {
    match &invoice.metadata {
        Metadata::Marker(marker) => *marker == bill.marker,
        Metadata::Unmarked => false,
        Metadata::Absent => {
            let made_since = bill.first_sent_ms.zip(invoice.created_ms);
            !shows_metadata
                && is_same_bill(bill, invoice)
                && made_since.is_some_and(|(first_sent_ms, created_ms)| created_ms >= first_sent_ms)
        }
    }
}

/// Tells whether a foreign invoice may take the place of one of ours: under `check_first`, or because
/// an earlier look-up under `check_first` has recorded it.
fn is_adoptable(bill: &ExpectedBill, invoice: &InvoiceView) -> bool {
    let is_payable_or_paid = invoice.status.is_paid() || invoice.status == InvoiceStatus::Pending;
    is_same_bill(bill, invoice)
        && !bill.payer.differs(&invoice.payer)
        && (is_recorded(bill, invoice) || (bill.check_first && is_payable_or_paid))
}

/// Tells whether name, amount and currency are there and agree.
fn is_same_bill(bill: &ExpectedBill, invoice: &InvoiceView) -> bool {
    invoice.external_id.as_deref() == Some(bill.external_id.as_str())
        && invoice.amount.is_some()
        && agrees(bill, invoice)
}

/// Tells whether amount and currency agree; what cannot be read counts as agreeing, because acting
/// on a disagreement means expiring the invoice.
fn agrees(bill: &ExpectedBill, invoice: &InvoiceView) -> bool {
    let is_same_currency = match (&bill.currency, &invoice.currency) {
        (Some(ours), Some(theirs)) => ours.eq_ignore_ascii_case(theirs),
        _ => true,
    };
    let cut = |amount: &Amount| amount.for_currency(bill.currency.as_deref());
    is_same_currency && invoice.amount.as_ref().is_none_or(|amount| {
        *amount == bill.amount
            || matches!((cut(amount), cut(&bill.amount)), (Ok(theirs), Ok(ours)) if theirs == ours)
    })
}

/// Tells whether an invoice is being expired: its link must not be delivered any more.
fn is_closing(bill: &ExpectedBill, invoice: &InvoiceView) -> bool {
    invoice.status == InvoiceStatus::Pending && bill.past.contains(&invoice.id)
}

fn is_recorded(bill: &ExpectedBill, invoice: &InvoiceView) -> bool {
    bill.recorded.as_deref() == Some(invoice.id.as_str())
}

/// Orders invoices by age; one without a readable date counts as the newest.
fn age_rank(invoice: &InvoiceView) -> i64 {
    invoice.created_ms.unwrap_or(i64::MAX)
}

fn is_alive(invoice: &InvoiceView) -> bool {
    invoice.status != InvoiceStatus::Expired
}

/// Ranks contradicting descriptions of one invoice in one list; the highest is believed.
fn liveliness(invoice: &InvoiceView) -> u8 {
    match invoice.status {
        InvoiceStatus::Settled => 4,
        InvoiceStatus::Paid => 3,
        InvoiceStatus::Unknown(_) => 2,
        InvoiceStatus::Pending => 1,
        InvoiceStatus::Expired => 0,
    }
}

#[cfg(test)]
mod tests;
