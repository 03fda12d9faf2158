//! The job as a producer writes it: reading it, refusing what is wrong with a message that helps,
//! and the body of the request that it becomes.
//!
//! Nothing in here asks whether Xendit will like an invoice: beyond the fields by which Antre keeps
//! its promises, everything is passed on as it is. No message or `Debug` text holds a value of the
//! invoice, because those are personal.

mod encoded;
mod entry;
mod fault;
mod fields;
mod glimpse;
mod invoice;
mod mistaken;
mod repeated;
mod tidied;
mod unknown;

use std::fmt;

pub use fault::{Fault, FaultCode, InvalidJob, MAX_FAULTS};
pub use glimpse::{Glimpse, glimpse};

use crate::amount::Amount;
use crate::invoice_view::MARKER_KEY;
use crate::notification::{self, Settings};
use crate::payer::Payer;
use crate::phone::Region;
use crate::priority::Priority;
use crate::raw_object::{RawObject, encode};
use crate::retry::DEFAULT_MAX_RETRIES;
pub use crate::schema::{meant_job_field, unknown_job_field as unknown_field};
use crate::warning::Warning;

/// The largest job, in bytes of its JSON text.
pub const MAX_JOB_BYTES: usize = 256 * 1024;
/// How deep arrays and objects may be nested; the job itself is the first level.
pub const MAX_DEPTH: usize = 32;
/// The most characters of an `external_id`.
pub const MAX_EXTERNAL_ID_CHARACTERS: usize = 255;
/// The most characters of a `reference`.
pub const MAX_REFERENCE_CHARACTERS: usize = 255;
/// The most characters of a `batch`.
pub const MAX_BATCH_CHARACTERS: usize = 64;
/// The most retries that a job may ask for.
pub const MAX_RETRIES: u32 = 25;
/// The most entries that Xendit takes in an invoice's `metadata`; one of them is Antre's.
pub const MAX_METADATA_ENTRIES: usize = 50;

const MARKER_REPLACED: Warning = Warning::about_field(
    "marker_replaced",
    "invoice.metadata.antre_job",
    "is Antre's own mark; what was there has been replaced",
);

/// A valid job.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Job {
    /// The bill's name, 1 to 255 characters.
    pub external_id: String,
    /// The bill's amount as Xendit will take it: without decimals for rupiah or an absent currency.
    pub amount: Amount,
    /// The bill's currency in upper case, for example `IDR`; nothing means the account's own.
    pub currency: Option<String>,
    /// Digests of `invoice.customer.email` (else `invoice.payer_email`) and
    /// `invoice.customer.mobile_number`, national numbers being Indonesian.
    pub payer: Payer,
    /// As given, else by the rule about `customer`.
    pub priority: Priority,
    /// Not before this moment, in Unix milliseconds.
    pub run_at_ms: Option<i64>,
    /// The group whose progress counts the job.
    pub batch: Option<String>,
    /// The caller's own name for the job; never sent.
    pub reference: Option<String>,
    /// Begin with the look-up.
    pub check_first: bool,
    /// Retries that the job asks for.
    pub max_retries: Option<u32>,
    /// The W3C trace context to continue.
    pub traceparent: Option<String>,
    /// As Xendit gets it, but for addresses and channels.
    invoice: RawObject,
    /// What its sender should know about what was written.
    remarks: Vec<Warning>,
}

/// Returns the job in an inbox entry's field `job`.
///
/// Never panics, and takes time and memory in proportion to the text, which may be anything.
///
/// # Errors
/// [`InvalidJob`] with up to [`MAX_FAULTS`] faults of the one text.
///
/// # Examples
/// ```
/// use antre_core::job::{FaultCode, parse};
///
/// let job = parse(br#"{"invoice":{"external_id":"INV-1","amount":350000}}"#)?;
/// assert_eq!(job.external_id, "INV-1");
///
/// let invalid = parse(br#"{"invoice":{"external_id":"INV-1","amount":0}}"#).unwrap_err();
/// assert_eq!(invalid.code(), FaultCode::OutOfRange);
/// assert_eq!(invalid.field(), "invoice.amount");
/// # Ok::<(), antre_core::job::InvalidJob>(())
/// ```
pub fn parse(raw: &[u8]) -> Result<Job, InvalidJob> {
    let (text, object) = fields::object_in(raw)?;
    entry::read(text, &object)
}

impl Job {
    /// Returns the body of Xendit's create call, and what was changed in it that its sender should know.
    ///
    /// The body is the job's invoice, every value with its own text and in its own order, except
    /// for `metadata.antre_job`, which becomes `marker` (`<account>/<origin>`), and what
    /// [`notification`] describes.
    pub fn invoice_body(&self, marker: &str, settings: Settings) -> (String, Vec<Warning>) {
        let mut invoice = self.invoice.clone();
        let mut metadata = invoice.object("metadata").unwrap_or_default();
        let replaced = metadata
            .get(MARKER_KEY)
            .is_some_and(|_| metadata.text(MARKER_KEY).is_none_or(|present| present != marker));
        metadata.set(MARKER_KEY, &encode(marker));
        invoice.set("metadata", &metadata.to_json());
        let mut warnings = self.remarks.clone();
        warnings.extend(notification::clean(&mut invoice, settings));
        warnings.extend(replaced.then_some(MARKER_REPLACED));
        (invoice.to_json(), warnings)
    }

    /// Returns the JSON text of a field of the invoice, as the producer wrote it. It may be personal.
    pub fn invoice_field(&self, name: &str) -> Option<&str> {
        self.invoice.get(name)
    }

    /// Returns the payer with national spellings of the number read as those of `region`, for
    /// comparing with invoices that were made with that region's settings.
    pub fn payer_in(&self, region: Region) -> Payer {
        invoice::payer(&self.invoice, region)
    }

    /// Returns how often the job may be retried: as it asks, else 3 times.
    pub fn max_retries_or_default(&self) -> u32 {
        self.max_retries.unwrap_or(DEFAULT_MAX_RETRIES)
    }
}

/// Shows what may be logged.
impl fmt::Debug for Job {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Job")
            .field("external_id", &self.external_id)
            .field("amount", &self.amount)
            .field("priority", &self.priority)
            .field("run_at_ms", &self.run_at_ms)
            .field("batch", &self.batch)
            .field("check_first", &self.check_first)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
