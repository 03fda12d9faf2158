//! The job as a producer writes it: reading it, and refusing what is wrong with a message that helps.
//!
//! A job is a body, which a provider's [`Product`] reads, and fields around it, which are read here. Nothing in here
//! asks whether a provider will like a body: beyond the fields by which Antre keeps its promises, everything is passed
//! on as it is. No message or `Debug` text holds a value of the body, because those are personal.

mod encoded;
mod entry;
mod fault;
mod fields;
mod glimpse;
mod mistaken;
mod repeated;
mod tidied;
mod unknown;

use std::fmt;

pub use fault::{Fault, FaultCode, Faults, InvalidJob, MAX_FAULTS, shown};
pub use fields::Fields;
pub(crate) use fields::object_in;
pub use glimpse::Glimpse;
pub use tidied::tidied;

use crate::bill::Bill;
use crate::priority::Priority;
use crate::product::Product;
use crate::raw_object::RawObject;
use crate::retry::DEFAULT_MAX_RETRIES;
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
/// A valid job.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Job {
    /// What its body asks for.
    pub bill: Bill,
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
    /// What the provider gets, but for what it adds and leaves out when the request is made.
    body: RawObject,
    /// What its sender should know about what was written.
    remarks: Vec<Warning>,
}

/// What a provider has read of a body.
#[derive(Clone)]
pub struct ReadBody {
    /// What Antre must know of it.
    pub bill: Bill,
    /// What will be sent: every value as it was written, or in the type of its field.
    pub body: RawObject,
    /// What its sender should know about what was written.
    pub remarks: Vec<Warning>,
}

/// Returns the job in an inbox entry's field `job`, whose body is one of this product's.
///
/// Never panics, and takes time and memory in proportion to the text, which may be anything.
///
/// # Errors
/// [`InvalidJob`] with up to [`MAX_FAULTS`] faults of the one text.
pub fn parse_with(raw: &[u8], product: &Product) -> Result<Job, InvalidJob> {
    let (text, object) = object_in(raw)?;
    entry::read(text, &object, product)
}

impl Job {
    /// Returns the body, each value as JSON text. They may be personal.
    pub const fn body(&self) -> &RawObject {
        &self.body
    }

    /// Returns what its sender should know about what was written.
    pub fn remarks(&self) -> &[Warning] {
        &self.remarks
    }

    /// Returns how often the job may be retried: as it asks, else 3 times.
    pub fn max_retries_or_default(&self) -> u32 {
        self.max_retries.unwrap_or(DEFAULT_MAX_RETRIES)
    }
}

/// Shows what may be logged.
impl fmt::Debug for ReadBody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ReadBody").field("bill", &self.bill).finish_non_exhaustive()
    }
}

/// Shows what may be logged.
impl fmt::Debug for Job {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Job")
            .field("external_id", &self.bill.external_id)
            .field("amount", &self.bill.amount)
            .field("priority", &self.priority)
            .field("run_at_ms", &self.run_at_ms)
            .field("batch", &self.batch)
            .field("check_first", &self.check_first)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
