//! The payment provider as values: its invoices, and creates that are still on their way to it.

use antre_core::{amount::Amount, payer::Payer};
use antre_xendit::api::invoice_view::{InvoiceStatus, InvoiceView, Metadata};

/// An invoice that exists.
#[derive(Clone, Debug)]
pub(super) struct Invoice {
    pub(super) id: String,
    pub(super) amount: &'static str,
    pub(super) mark: String,
    pub(super) is_payable: bool,
    pub(super) is_paid: bool,
    /// Whether the answer to its create said that there is none.
    pub(super) is_denied: bool,
    /// The last instant at which lists may lack it; `None` once they have it. Unix milliseconds.
    pub(super) hidden_until_ms: Option<u64>,
}

/// A create that was sent and may still have its effect.
#[derive(Clone, Debug)]
pub(super) struct OnItsWay {
    pub(super) amount: &'static str,
    pub(super) mark: String,
    /// The last instant at which it may have it, Unix milliseconds.
    pub(super) until_ms: u64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Provider {
    pub(super) invoices: Vec<Invoice>,
    pub(super) on_their_way: Vec<OnItsWay>,
}

impl Provider {
    /// Makes an invoice. Returns its id.
    pub(super) fn make(
        &mut self,
        amount: &'static str,
        mark: String,
        hidden_until_ms: Option<u64>,
    ) -> String {
        let id = format!("invoice{}", self.invoices.len() + 1);
        let (is_payable, is_paid, is_denied) = (true, false, false);
        let invoice = Invoice {
            id: id.clone(),
            amount,
            mark,
            is_payable,
            is_paid,
            is_denied,
            hidden_until_ms,
        };
        self.invoices.push(invoice);
        id
    }

    /// The last create is answered as if it had made nothing.
    pub(super) fn deny_last(&mut self) {
        if let Some(invoice) = self.invoices.last_mut() {
            invoice.is_denied = true;
        }
    }

    /// Lets time reach `now_ms`: what had to be listed by then is.
    pub(super) fn reveal(&mut self, now_ms: u64) {
        for invoice in &mut self.invoices {
            invoice.hidden_until_ms =
                invoice.hidden_until_ms.filter(|until_ms| *until_ms >= now_ms);
        }
    }

    /// Returns whether the invoice could be expired.
    pub(super) fn expire(&mut self, id: &str) -> bool {
        let payable = self.invoices.iter_mut().find(|one| one.id == id && one.is_payable);
        payable.is_some_and(|invoice| {
            invoice.is_payable = false;
            true
        })
    }

    pub(super) fn is_payable(&self, id: &str) -> bool {
        self.invoices.iter().any(|invoice| invoice.id == id && invoice.is_payable)
    }

    /// The customer pays the oldest invoice that can be paid.
    pub(super) fn pay(&mut self) {
        if let Some(invoice) = self.invoices.iter_mut().find(|invoice| invoice.is_payable) {
            (invoice.is_payable, invoice.is_paid) = (false, true);
        }
    }

    pub(super) fn is_paid(&self, id: &str) -> bool {
        self.invoices.iter().any(|invoice| invoice.id == id && invoice.is_paid)
    }

    pub(super) fn payable(&self) -> usize {
        self.invoices.iter().filter(|invoice| invoice.is_payable).count()
    }

    /// Returns whether one can be paid that its maker could know of.
    pub(super) fn has_known_payable(&self) -> bool {
        self.invoices.iter().any(|invoice| invoice.is_payable && !invoice.is_denied)
    }

    /// Returns what a list shows at this moment.
    pub(super) fn list(&self, external_id: &str) -> Vec<InvoiceView> {
        let listed = self.invoices.iter().filter(|one| one.hidden_until_ms.is_none());
        listed.map(|invoice| view(invoice, external_id)).collect()
    }

    /// Returns a text that is equal for two providers that will answer in the same way.
    pub(super) fn essence(&self, now_ms: u64) -> String {
        let left = |until_ms: u64| until_ms.saturating_sub(now_ms);
        let invoices = self.invoices.iter().map(|one| {
            let hidden = one.hidden_until_ms.map(left);
            let flags = (one.is_payable, one.is_paid, one.is_denied);
            format!("{} {} {flags:?} {hidden:?}", one.amount, one.mark)
        });
        let on_their_way = self.on_their_way.iter();
        let coming =
            on_their_way.map(|one| format!("{} {} {}", one.amount, one.mark, left(one.until_ms)));
        format!("{:?}{:?}", invoices.collect::<Vec<_>>(), coming.collect::<Vec<_>>())
    }
}

fn view(invoice: &Invoice, external_id: &str) -> InvoiceView {
    InvoiceView {
        id: invoice.id.clone(),
        external_id: Some(external_id.to_owned()),
        user_id: None,
        status: match invoice {
            Invoice { is_paid: true, .. } => InvoiceStatus::Paid,
            Invoice { is_payable: true, .. } => InvoiceStatus::Pending,
            _ => InvoiceStatus::Expired,
        },
        amount: Amount::parse(invoice.amount).ok(),
        currency: None,
        invoice_url: None,
        expiry_date: None,
        expiry_ms: None,
        created_ms: None,
        metadata: Metadata::Marker(invoice.mark.clone()),
        payer: Payer::default(),
        raw: "{}".into(),
    }
}
