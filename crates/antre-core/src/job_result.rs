//! The result of a job, as programs in any language read it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::amount::Amount;
use crate::job_id::JobId;
use crate::warning::Warning;

/// How a job can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EndState {
    /// It has its invoice.
    Done,
    /// It failed and waits for a person.
    Dead,
    /// A person called it off.
    Cancelled,
}

impl EndState {
    /// Returns the word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for EndState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// Why a job is dead or cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct JobError {
    /// A stable word: Antre's own (`conflict`) or the provider's (`API_VALIDATION_ERROR`).
    pub code: String,
    /// What is wrong, for a person.
    pub message: String,
    /// The HTTP status of the provider's answer, if an answer is the reason.
    #[serde(default)]
    pub status: Option<u16>,
}

/// The end of a job: its invoice, or why there is none.
///
/// In JSON every field is always there; what is not known is `null`, and `warnings` is a list, often
/// empty. A reader takes missing fields as `null` and ignores those it does not know. Read and
/// written with `serde_json` only. `Debug` leaves out what may be personal.
#[derive(Clone, Serialize, Deserialize)]
pub struct JobResult {
    /// The job.
    pub job: JobId,
    /// How it ended.
    pub state: EndState,
    /// The bill's name; `null` for an entry that could not be read as a job.
    #[serde(default)]
    pub external_id: Option<String>,
    /// What the sender gave as `reference`.
    #[serde(default)]
    pub reference: Option<String>,
    /// The bill's amount, a JSON number.
    #[serde(default)]
    pub amount: Option<Amount>,
    /// The bill's currency; nothing means the account's own, as rupiah count.
    #[serde(default)]
    pub currency: Option<String>,
    /// The provider's id of the invoice.
    #[serde(default)]
    pub invoice_id: Option<String>,
    /// The page where the customer pays.
    #[serde(default)]
    pub invoice_url: Option<String>,
    /// When the invoice expires, as the provider wrote it.
    #[serde(default)]
    pub expiry_date: Option<String>,
    /// The provider's last answer, as it was; of a job that it refused the body of the refusal.
    #[serde(default)]
    pub response: Option<Box<RawValue>>,
    /// Why the job is dead or cancelled.
    #[serde(default)]
    pub error: Option<JobError>,
    /// Attempts used; waiting for limits, pauses and outages uses none.
    #[serde(default)]
    pub attempts: u32,
    /// Remarks that did not stop the job.
    #[serde(default)]
    pub warnings: Vec<Warning>,
    /// The job whose invoice this is, if this one is a duplicate.
    #[serde(default)]
    pub duplicate_of: Option<JobId>,
    /// The job that the bill belonged to when this one ended.
    #[serde(default)]
    pub bill_job: Option<JobId>,
    /// Whether this is what the bill has now: its link, or that it has none. If not, it tells of this job
    /// only, and whatever link the bill has stays right.
    #[serde(default)]
    pub is_bill_result: bool,
}

impl JobResult {
    /// Returns the result of a job of which nothing else is known yet, to be filled in.
    pub const fn new(job: JobId, state: EndState) -> Self {
        Self {
            job,
            state,
            external_id: None,
            reference: None,
            amount: None,
            currency: None,
            invoice_id: None,
            invoice_url: None,
            expiry_date: None,
            response: None,
            error: None,
            attempts: 0,
            warnings: Vec::new(),
            duplicate_of: None,
            bill_job: None,
            is_bill_result: false,
        }
    }
}

impl fmt::Debug for JobResult {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("JobResult")
            .field("job", &self.job)
            .field("state", &self.state)
            .field("external_id", &self.external_id)
            .field("invoice_id", &self.invoice_id)
            .field("error_code", &self.error.as_ref().map(|error| &error.code))
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
