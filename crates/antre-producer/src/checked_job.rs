//! A job that passed every check a worker will make.

use std::{fmt, sync::Arc};

use antre_core::{InvalidJob, Warning};
use antre_xendit::body::{self, notification::Settings};
use serde_json::Value;

use crate::{Error, Result};

/// A job's JSON, checked: a worker will take it. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckedJob {
    json: Arc<[u8]>,
    external_id: Arc<str>,
}

impl CheckedJob {
    /// Returns the job in the JSON text; the text is sent as it is.
    ///
    /// # Errors
    /// [`InvalidJob`] with everything that is wrong.
    ///
    /// # Examples
    /// ```
    /// use antre_producer::CheckedJob;
    ///
    /// let json = r#"{"invoice":{"external_id":"INV-1","amount":350000},"batch":"2026-12"}"#;
    /// assert_eq!(CheckedJob::from_json(json)?.external_id(), "INV-1");
    ///
    /// let error = CheckedJob::from_json(r#"{"invoice":{"external_id":"INV-1"}}"#).unwrap_err();
    /// assert!(error.to_string().contains("invoice.amount is missing"));
    /// # Ok::<(), antre_producer::InvalidJob>(())
    /// ```
    pub fn from_json(json: impl AsRef<[u8]>) -> std::result::Result<Self, InvalidJob> {
        let json = json.as_ref();
        let job = body::parse(json)?;
        Ok(Self { json: json.into(), external_id: job.bill.external_id.into() })
    }

    /// Returns what a worker with these settings will remark on the job's content, by the worker's own code.
    pub fn warnings(&self, settings: Settings) -> Vec<Warning> {
        // The worker's mark has no influence but on whether another one is replaced.
        body::parse(&self.json)
            .map(|job| body::create_body(&job, "", settings).1)
            .unwrap_or_default()
    }

    /// Returns the JSON as it is sent.
    pub fn json(&self) -> &[u8] {
        &self.json
    }

    /// Returns the bill's name.
    pub fn external_id(&self) -> &str {
        &self.external_id
    }
}

impl AsRef<[u8]> for CheckedJob {
    fn as_ref(&self) -> &[u8] {
        self.json()
    }
}

/// Shows what may be logged.
impl fmt::Debug for CheckedJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedJob").field("external_id", &self.external_id).finish_non_exhaustive()
    }
}

/// What can be enqueued: a [`NewJob`](crate::NewJob), a job's JSON as text or value, a [`CheckedJob`].
pub trait ToJob {
    /// Returns the job as it will be sent.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong; [`Error::NotJson`] when it has no JSON form.
    fn to_job(&self) -> Result<CheckedJob>;
}

impl ToJob for CheckedJob {
    fn to_job(&self) -> Result<CheckedJob> {
        Ok(self.clone())
    }
}

impl ToJob for str {
    fn to_job(&self) -> Result<CheckedJob> {
        Ok(CheckedJob::from_json(self)?)
    }
}

impl ToJob for String {
    fn to_job(&self) -> Result<CheckedJob> {
        Ok(CheckedJob::from_json(self)?)
    }
}

impl ToJob for Value {
    fn to_job(&self) -> Result<CheckedJob> {
        Ok(CheckedJob::from_json(serde_json::to_vec(self).map_err(Error::NotJson)?)?)
    }
}

impl<T: ToJob + ?Sized> ToJob for &T {
    fn to_job(&self) -> Result<CheckedJob> {
        (**self).to_job()
    }
}
