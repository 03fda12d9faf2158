//! The invoices of one list, sorted by their owner.

use std::cmp::Reverse;

use super::agreement::money_agreement;
use super::{DeadReason, Decision, ExpectedBill, InvoiceStatus, InvoiceView, Metadata};
use crate::body::account_in;

/// The listed invoices, each once, oldest first, by whose they are.
pub(super) struct Listing<'a> {
    /// Ours, with the bill's amount.
    pub(super) agreeing: Vec<&'a InvoiceView>,
    /// Ours, with another amount or currency.
    pub(super) otherwise: Vec<&'a InvoiceView>,
    /// Somebody else's.
    pub(super) foreign: Vec<&'a InvoiceView>,
}

impl<'a> Listing<'a> {
    pub(super) fn sort(bill: &ExpectedBill, invoices: &'a [InvoiceView]) -> Self {
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

    /// Decides what becomes of the job.
    pub(super) fn decide(&self, bill: &ExpectedBill, is_complete: bool) -> Decision {
        let kept = self.kept(bill);
        let is_firm = kept.is_some_and(|kept| kept.status.is_paid() || is_recorded(bill, kept));
        if !is_firm && let Some(paid) = self.paid_otherwise(bill) {
            return dead(DeadReason::PaidOtherAmount, paid);
        }
        if !is_firm && let Some(standing) = self.standing_otherwise(bill, kept) {
            return dead(DeadReason::Conflict, standing);
        }
        match kept {
            Some(kept) => Decision::Adopt(kept.clone()),
            None => self.without_kept(bill, is_complete),
        }
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

    /// Returns one of the bill's that was paid at another amount. In a re-check that can also be the recorded
    /// one, although another program made it.
    fn paid_otherwise(&self, bill: &ExpectedBill) -> Option<&'a InvoiceView> {
        let is_paid = |one: &InvoiceView| one.status.is_paid();
        first(&self.otherwise, is_paid).or_else(|| {
            first(&self.foreign, |one| bill.is_recheck && is_recorded(bill, one) && is_paid(one))
        })
    }

    /// Returns the invoice that can still be paid and stands in the way of a re-check for other terms: the
    /// recorded one if it is not the one to keep, else, with none to keep, any of ours with another amount.
    fn standing_otherwise(
        &self,
        bill: &ExpectedBill,
        kept: Option<&InvoiceView>,
    ) -> Option<&'a InvoiceView> {
        if !bill.is_recheck && !bill.may_be_lost {
            return None;
        }
        let is_payable = |one: &InvoiceView| is_alive(one) && !one.status.is_paid();
        let is_recorded = |one: &InvoiceView| is_recorded(bill, one) && is_payable(one);
        let is_pending =
            |one: &InvoiceView| one.status == InvoiceStatus::Pending && !is_closing(bill, one);
        first(&self.otherwise, is_recorded)
            .or_else(|| first(&self.foreign, is_recorded))
            .or_else(|| first(&self.otherwise, |one| kept.is_none() && is_pending(one)))
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
            self.agreeing.iter().copied().filter(|one| !is_over(bill, one)).collect();
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

    /// Returns the ids of ours that can be paid, without the adopted one.
    pub(super) fn surplus(&self, adopted: Option<&InvoiceView>) -> Vec<String> {
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

pub(super) fn is_ours(bill: &ExpectedBill, invoice: &InvoiceView, shows_metadata: bool) -> bool {
    match &invoice.metadata {
        Metadata::Marker(marker) => {
            *marker == bill.marker || (bill.may_be_lost && is_of_lost_record(bill, invoice, marker))
        }
        Metadata::Unmarked => false,
        Metadata::Absent => {
            let made_since = bill.first_sent_ms.zip(invoice.created_ms);
            let is_since =
                made_since.is_some_and(|(first_sent_ms, created_ms)| created_ms >= first_sent_ms);
            !shows_metadata && is_same_bill(bill, invoice) && (is_since || bill.may_be_lost)
        }
    }
}

/// Tells whether the invoice was made for this bill by this account of Antre, for a job that is not remembered.
fn is_of_lost_record(bill: &ExpectedBill, invoice: &InvoiceView, marker: &str) -> bool {
    invoice.external_id.as_deref() == Some(bill.external_id.as_str())
        && account_in(marker).is_some()
        && account_in(marker) == account_in(&bill.marker)
}

/// Tells whether a foreign invoice may take the place of one of ours: under `check_first`, or because
/// an earlier look-up under `check_first` has recorded it.
pub(super) fn is_adoptable(bill: &ExpectedBill, invoice: &InvoiceView) -> bool {
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
    money_agreement(bill, invoice).is_ok()
}

/// Tells whether an invoice is being expired: its link must not be delivered any more. The recorded one of a
/// bill that is looked at again is not.
fn is_closing(bill: &ExpectedBill, invoice: &InvoiceView) -> bool {
    let is_standing = bill.is_recheck && is_recorded(bill, invoice);
    invoice.status == InvoiceStatus::Pending
        && bill.closed_invoices.contains(&invoice.id)
        && !is_standing
}

/// Tells whether an expired invoice of ours is known to be over, so that a new one may be made.
///
/// The ids in `closed_invoices` are bounded, so age decides as well; without a readable age it is taken to be over.
/// A re-check asks for a new invoice where the old one has expired, so there every expired one is over.
fn is_over(bill: &ExpectedBill, invoice: &InvoiceView) -> bool {
    let is_old = invoice.created_ms.is_none_or(|created_ms| {
        bill.closed_before_ms.is_some_and(|closed_before_ms| created_ms < closed_before_ms)
    });
    let is_known = bill.closed_invoices.contains(&invoice.id) || is_recorded(bill, invoice);
    bill.is_recheck || bill.may_be_lost || is_known || is_old
}

pub(super) fn is_recorded(bill: &ExpectedBill, invoice: &InvoiceView) -> bool {
    bill.recorded.as_deref() == Some(invoice.id.as_str())
}

/// Orders invoices by age; one without a readable date counts as the newest.
fn age_rank(invoice: &InvoiceView) -> i64 {
    invoice.created_ms.unwrap_or(i64::MAX)
}

pub(super) fn is_alive(invoice: &InvoiceView) -> bool {
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
