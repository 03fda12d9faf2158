//! The body of a request to Xendit: how a job holds it, and what Xendit gets.
//!
//! Nothing in here asks whether Xendit will like an invoice: beyond the fields by which Antre keeps its promises,
//! everything is passed on as it is.
//!
//! - The invoice: [`INVOICE`] with the list of its fields, [`parse`], [`create_body`], [`marker`](marker()).
//! - Its values: [`billed`], [`payer`], [`phone`], [`email`], [`notification`].
//!
//! Another product of Xendit's is another [`Product`](antre_core::Product) beside [`INVOICE`], in a file of its own.

pub mod billed;
pub mod email;
mod fields;
mod invoice;
mod marker;
pub mod notification;
pub mod payer;
pub mod phone;
mod words;

use antre_core::job::{Glimpse, InvalidJob, Job, parse_with};

pub use invoice::{INVOICE, MAX_METADATA_ENTRIES, create_body, payer_in};
pub(crate) use marker::account_in;
pub use marker::{MARKER_KEY, marker};

/// Returns the job in an inbox entry's field `job`.
///
/// # Errors
/// [`InvalidJob`], see [`parse_with`].
///
/// # Examples
/// ```
/// use antre_core::job::FaultCode;
/// use antre_xendit::body::parse;
///
/// let job = parse(br#"{"invoice":{"external_id":"INV-1","amount":350000}}"#)?;
/// assert_eq!(job.bill.external_id, "INV-1");
///
/// let invalid = parse(br#"{"invoice":{"external_id":"INV-1","amount":0}}"#).unwrap_err();
/// assert_eq!(invalid.code(), FaultCode::OutOfRange);
/// assert_eq!(invalid.field(), "invoice.amount");
/// # Ok::<(), antre_core::InvalidJob>(())
/// ```
pub fn parse(raw: &[u8]) -> Result<Job, InvalidJob> {
    parse_with(raw, &INVOICE)
}

/// Returns what can be read of a job that was refused. Never panics.
///
/// # Examples
/// ```
/// use antre_xendit::body::glimpse;
///
/// let seen = glimpse(br#"{"invoice":{"external_id":"INV-1","amount":0},"batch":"2026-12"}"#);
/// assert_eq!((seen.external_id.as_deref(), seen.batch.as_deref()), (Some("INV-1"), Some("2026-12")));
/// assert_eq!(glimpse(br#"{"invoice":{"external_id":"INV-1","#).external_id.as_deref(), Some("INV-1"));
/// ```
pub fn glimpse(raw: &[u8]) -> Glimpse {
    INVOICE.glimpse(raw)
}

#[cfg(test)]
mod tests;
