//! Antre's view of one of Xendit's invoices: bounded, tolerant, and with the original text.
//!
//! Only `id` is indispensable. Every other field may be missing or of an unexpected type without
//! making the answer unreadable, because an unreadable answer to a create is an ambiguous one.
//! Nothing here decides whose invoice it is; that is [`identity`](super::identity)'s.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use antre_core::Payer;
use antre_core::amount::Amount;
use chrono::DateTime;
use serde_json::value::RawValue;

use crate::body::{MARKER_KEY, payer};

/// The most bytes of an invoice's own JSON that [`InvoiceView::raw`] keeps.
pub const RAW_BYTES_MAX: usize = 64 * 1024;

/// The most bytes that an invoice's or account's id may have; Xendit's have 24.
const ID_BYTES_MAX: usize = 128;

/// The most bytes kept of any other text field.
const TEXT_BYTES_MAX: usize = 2048;

/// One invoice as Xendit described it in an answer.
///
/// `Debug` shows no more than what may be logged.
#[derive(Clone, PartialEq, Eq)]
pub struct InvoiceView {
    /// Xendit's id, 1 to 128 visible ASCII characters.
    pub id: String,
    /// The caller's name of the bill, as Xendit echoed it.
    pub external_id: Option<String>,
    /// The id of the Xendit account that the invoice belongs to, 1 to 128 visible ASCII characters.
    pub user_id: Option<String>,
    /// The state at the moment of the answer.
    pub status: InvoiceStatus,
    /// The amount, read from the number's text; nothing if there was no readable one.
    pub amount: Option<Amount>,
    /// The currency's code, for example `IDR`.
    pub currency: Option<String>,
    /// The page where the customer pays, never empty.
    pub invoice_url: Option<String>,
    /// When the invoice expires, as Xendit wrote it.
    pub expiry_date: Option<String>,
    /// When the invoice expires, in Unix milliseconds.
    pub expiry_ms: Option<i64>,
    /// When Xendit created the invoice, in Unix milliseconds of Xendit's clock.
    pub created_ms: Option<i64>,
    /// Whose mark the invoice carries.
    pub metadata: Metadata,
    /// Digests of `customer.email` (else `payer_email`) and `customer.mobile_number`.
    pub payer: Payer,
    /// The invoice's JSON text; a reduced object where Xendit's exceeds [`RAW_BYTES_MAX`] or could
    /// trouble other readers (nesting beyond 128 levels, lone surrogates).
    pub raw: Box<str>,
}

/// The state of an invoice at Xendit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvoiceStatus {
    /// Can be paid.
    Pending,
    /// Has been paid.
    Paid,
    /// Has been paid, and the money has reached the account.
    Settled,
    /// Can no longer be paid, and never will again.
    Expired,
    /// A word that Xendit's documentation did not know, or none.
    Unknown(String),
}

impl InvoiceStatus {
    fn of(word: Option<String>) -> Self {
        match word.as_deref() {
            Some("PENDING") => Self::Pending,
            Some("PAID") => Self::Paid,
            Some("SETTLED") => Self::Settled,
            Some("EXPIRED") => Self::Expired,
            _ => Self::Unknown(word.unwrap_or_default()),
        }
    }

    /// Tells whether the customer has paid: `PAID` or `SETTLED`.
    pub fn is_paid(&self) -> bool {
        matches!(self, Self::Paid | Self::Settled)
    }

    /// Returns Xendit's word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "PENDING",
            Self::Paid => "PAID",
            Self::Settled => "SETTLED",
            Self::Expired => "EXPIRED",
            Self::Unknown(word) => word,
        }
    }
}

/// What an invoice's `metadata` says about its maker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Metadata {
    /// There is none: the field is missing, `null` or an empty object.
    Absent,
    /// There is some, without Antre's mark.
    Unmarked,
    /// The text of `metadata.antre_job`.
    Marker(String),
}

/// Why a body is no invoice or no list of invoices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ViewError {
    /// The body is no JSON object, or no JSON array where a list was asked for.
    #[error("the answer is not the JSON that was asked for")]
    NotJson,
    /// An invoice has no usable `id`.
    #[error("the answer has an invoice without an id")]
    WithoutId,
}

/// Returns the invoice in the body of an answer to a create or an expire.
///
/// # Errors
/// [`ViewError::NotJson`] when the body is no JSON object, [`ViewError::WithoutId`] when it has no `id`.
pub fn parse_invoice(body: &[u8]) -> Result<InvoiceView, ViewError> {
    view(&String::from_utf8_lossy(body))
}

/// Returns the invoices in the body of an answer to a look-up, which must be a bare array.
///
/// # Errors
/// [`ViewError::NotJson`] when the body or one of its items is something else, [`ViewError::WithoutId`]
/// when an item has no `id`: a list that is only partly understood proves nothing about absence.
pub fn parse_invoice_list(body: &[u8]) -> Result<Vec<InvoiceView>, ViewError> {
    let text = String::from_utf8_lossy(body);
    let items: Vec<&RawValue> = serde_json::from_str(&text).map_err(|_| ViewError::NotJson)?;
    items.into_iter().map(|item| view(item.get())).collect()
}

/// Returns the first invoice of a list that has a usable `id`; nothing if the list is empty.
///
/// For a list that is asked for without a bill: it need not be understood whole.
///
/// # Errors
/// [`ViewError::NotJson`] when the body is no array of objects, [`ViewError::WithoutId`] when it has items but
/// none with an `id`.
pub fn parse_first_invoice(body: &[u8]) -> Result<Option<InvoiceView>, ViewError> {
    let text = String::from_utf8_lossy(body);
    let items: Vec<&RawValue> = serde_json::from_str(&text).map_err(|_| ViewError::NotJson)?;
    let mut first = None;
    for item in &items {
        match view(item.get()) {
            Ok(invoice) => first = first.or(Some(invoice)),
            Err(ViewError::WithoutId) => {}
            Err(ViewError::NotJson) => return Err(ViewError::NotJson),
        }
    }
    if first.is_none() && !items.is_empty() { Err(ViewError::WithoutId) } else { Ok(first) }
}

impl InvoiceView {
    /// Returns when the customer paid, as Xendit wrote it.
    pub fn paid_at(&self) -> Option<String> {
        string(&serde_json::from_str(&self.raw).ok()?, "paid_at")
    }
}

type Object<'a> = BTreeMap<String, &'a RawValue>;

fn view(text: &str) -> Result<InvoiceView, ViewError> {
    let fields = serde_json::from_str::<Object<'_>>(text).map_err(|_| ViewError::NotJson)?;
    let id = string(&fields, "id").filter(|id| is_id(id)).ok_or(ViewError::WithoutId)?;
    let customer = object(&fields, "customer").unwrap_or_default();
    let email = string(&customer, "email").or_else(|| string(&fields, "payer_email"));
    let expiry_date = string(&fields, "expiry_date");
    let mut invoice = InvoiceView {
        id,
        external_id: string(&fields, "external_id"),
        user_id: string(&fields, "user_id").filter(|id| is_id(id)),
        status: InvoiceStatus::of(string(&fields, "status")),
        amount: amount(&fields),
        currency: string(&fields, "currency"),
        invoice_url: string(&fields, "invoice_url").filter(|url| !url.trim().is_empty()),
        expiry_ms: expiry_date.as_deref().and_then(unix_ms),
        expiry_date,
        created_ms: string(&fields, "created").as_deref().and_then(unix_ms),
        metadata: metadata(&fields),
        payer: payer::of(email.as_deref(), string(&customer, "mobile_number").as_deref()),
        raw: Box::default(),
    };
    invoice.raw = if is_harmless(text) { text.trim().into() } else { reduced(&invoice) };
    Ok(invoice)
}

fn is_id(id: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

fn string(fields: &Object<'_>, name: &str) -> Option<String> {
    let text: Cow<'_, str> = serde_json::from_str(fields.get(name)?.get()).ok()?;
    (text.len() <= TEXT_BYTES_MAX).then(|| text.into_owned())
}

fn object<'a>(fields: &Object<'a>, name: &str) -> Option<Object<'a>> {
    serde_json::from_str(fields.get(name)?.get()).ok()
}

/// Returns the amount from the number's own text, or from a string that holds one.
fn amount(fields: &Object<'_>) -> Option<Amount> {
    let number =
        string(fields, "amount").or_else(|| Some(fields.get("amount")?.get().to_owned()))?;
    Amount::parse(&number).ok()
}

fn unix_ms(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.timestamp_millis())
}

fn metadata(fields: &Object<'_>) -> Metadata {
    let Some(raw) = fields.get("metadata").filter(|raw| raw.get() != "null") else {
        return Metadata::Absent;
    };
    match serde_json::from_str::<Object<'_>>(raw.get()) {
        Ok(entries) if entries.is_empty() => Metadata::Absent,
        Ok(entries) => string(&entries, MARKER_KEY).map_or(Metadata::Unmarked, Metadata::Marker),
        Err(_) => Metadata::Unmarked,
    }
}

/// Tells whether other readers of the text, which know limits of their own, can be given it.
pub(crate) fn is_harmless(text: &str) -> bool {
    text.len() <= RAW_BYTES_MAX && serde_json::from_str::<serde_json::Value>(text).is_ok()
}

fn reduced(invoice: &InvoiceView) -> Box<str> {
    let amount = serde_json::to_value(invoice.amount.as_ref()).unwrap_or_default();
    let fields = serde_json::json!({
        "id": invoice.id,
        "external_id": invoice.external_id,
        "status": invoice.status.as_str(),
        "amount": amount,
        "currency": invoice.currency,
        "invoice_url": invoice.invoice_url,
        "expiry_date": invoice.expiry_date,
    });
    fields.to_string().into()
}

impl fmt::Debug for InvoiceView {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("InvoiceView")
            .field("id", &self.id)
            .field("external_id", &self.external_id)
            .field("status", &self.status)
            .field("amount", &self.amount)
            .field("created_ms", &self.created_ms)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
