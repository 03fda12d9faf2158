//! A job under construction.

use std::fmt;

use antre_core::Priority;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::{CheckedJob, Error, Result, ToJob};

/// A job as the wire protocol has it: an invoice, and how to treat it.
///
/// What is not set is not sent, and a worker's default holds. Nothing is checked before
/// [`ToJob::to_job`], which every enqueue calls.
///
/// # Examples
/// ```
/// use antre_producer::{NewJob, Priority, ToJob};
/// use serde_json::json;
///
/// let job = NewJob::new(&json!({"external_id": "INV-1", "amount": 350_000}))?
///     .priority(Priority::High)
///     .run_at("2026-12-01T08:00:00+07:00")
///     .batch("2026-12");
/// assert_eq!(job.to_job()?.external_id(), "INV-1");
/// # Ok::<(), antre_producer::Error>(())
/// ```
#[derive(Clone, Serialize)]
pub struct NewJob {
    invoice: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<Priority>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check_first: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_retries: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<String>,
}

impl NewJob {
    /// Returns a job for `invoice`, the body of Xendit's create-invoice call: a JSON value, a struct of
    /// the caller's, or a [`RawValue`], whose text is sent as it is.
    ///
    /// # Errors
    /// [`Error::NotJson`] when it has no JSON form.
    pub fn new(invoice: &(impl Serialize + ?Sized)) -> Result<Self> {
        let invoice = to_raw_value(invoice).map_err(Error::NotJson)?;
        Ok(Self {
            invoice,
            priority: None,
            customer: None,
            run_at: None,
            batch: None,
            reference: None,
            check_first: None,
            max_retries: None,
            traceparent: None,
        })
    }

    /// Sets the priority; wins over [`NewJob::customer`].
    #[must_use]
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = Some(priority);
        self
    }

    /// Sets the caller's customer attributes, from which the priority follows when none is set:
    /// `is_vip` true is high, `tipe` or `type` `bulk` is low. Never sent to Xendit.
    ///
    /// # Errors
    /// [`Error::NotJson`] when it has no JSON form.
    pub fn customer(mut self, attributes: &(impl Serialize + ?Sized)) -> Result<Self> {
        self.customer = Some(to_raw_value(attributes).map_err(Error::NotJson)?);
        Ok(self)
    }

    /// Sets before when not to send it: RFC 3339 with an offset.
    #[must_use]
    pub fn run_at(mut self, instant: impl Into<String>) -> Self {
        self.run_at = Some(instant.into());
        self
    }

    /// Sets the group whose progress counts it.
    #[must_use]
    pub fn batch(mut self, name: impl Into<String>) -> Self {
        self.batch = Some(name.into());
        self
    }

    /// Sets the caller's own name for it, echoed in the result and never sent to Xendit.
    #[must_use]
    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }

    /// Says that the bill may already have an invoice which Antre does not know: it is looked for first.
    #[must_use]
    pub fn check_first(mut self) -> Self {
        self.check_first = Some(true);
        self
    }

    /// Sets how often a failed create is repeated, 0 to 25. Defaults to 3.
    #[must_use]
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = Some(retries);
        self
    }

    /// Sets the W3C trace context to continue.
    #[must_use]
    pub fn traceparent(mut self, context: impl Into<String>) -> Self {
        self.traceparent = Some(context.into());
        self
    }
}

impl ToJob for NewJob {
    fn to_job(&self) -> Result<CheckedJob> {
        Ok(CheckedJob::from_json(serde_json::to_vec(self).map_err(Error::NotJson)?)?)
    }
}

/// Shows what may be logged.
impl fmt::Debug for NewJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewJob")
            .field("priority", &self.priority)
            .field("run_at", &self.run_at)
            .field("batch", &self.batch)
            .field("check_first", &self.check_first)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
