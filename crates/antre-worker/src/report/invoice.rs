//! From Xendit's words for an invoice and the queue's for a bill to each other.

use antre_core::job::Job;
use antre_core::job_outcome::Invoice;
use antre_store::claim::{ClaimedBill, Grant};
use antre_xendit::api::identity::ExpectedBill;
use antre_xendit::api::invoice_view::InvoiceView;
use antre_xendit::body;

use crate::{account::Account, request::marker};

/// Returns what a look-up for this grant should find.
pub(super) fn expected(account: &Account, grant: &Grant, job: &Job) -> ExpectedBill {
    let region = account.options.notification.region;
    let ClaimedBill {
        first_sent_ms,
        invoice_id,
        closed_invoices,
        closed_before_ms,
        is_recheck,
        user_id,
        ..
    } = grant.bill.clone();
    ExpectedBill {
        external_id: grant.external_id().to_owned(),
        marker: marker(account, grant),
        amount: job.bill.amount.clone(),
        currency: job.bill.currency.clone(),
        payer: body::payer_in(job, region),
        first_sent_ms,
        recorded: invoice_id,
        closed_invoices,
        closed_before_ms,
        check_first: job.check_first,
        is_recheck,
        may_be_lost: grant.job.is_rechecked,
        user_id,
    }
}

/// Returns the invoice as the queue keeps it.
pub(super) fn listed(invoice: InvoiceView) -> Invoice {
    Invoice {
        is_paid: invoice.status.is_paid(),
        id: invoice.id,
        url: invoice.invoice_url,
        expiry_date: invoice.expiry_date,
        expires_at_ms: invoice.expiry_ms,
        account_id: invoice.user_id,
        response: invoice.raw.to_string(),
    }
}
