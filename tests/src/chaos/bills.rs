//! What producers submit, and what they remember of it.

use antre_core::priority::Priority;
use serde_json::json;

/// One bill as it is submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// Names it.
    pub external_id: String,
    /// In rupiah.
    pub amount: u64,
    /// How important.
    pub priority: Priority,
    /// Not before, RFC 3339.
    pub run_at: Option<String>,
    /// Whether there may be an invoice that the queue does not know.
    pub check_first: bool,
    /// Groups jobs.
    pub batch: &'static str,
}

impl Bill {
    /// Returns an ordinary bill.
    pub fn new(external_id: impl Into<String>) -> Self {
        Self {
            external_id: external_id.into(),
            amount: 350_000,
            priority: Priority::Normal,
            run_at: None,
            check_first: false,
            batch: "chaos",
        }
    }

    /// Returns the job's JSON.
    pub fn to_json(&self) -> String {
        let mut job = json!({
            "invoice": { "external_id": self.external_id, "amount": self.amount },
            "priority": self.priority.as_str(),
            "batch": self.batch,
            "check_first": self.check_first,
        });
        if let (Some(run_at), Some(job)) = (&self.run_at, job.as_object_mut()) {
            job.insert("run_at".to_owned(), run_at.clone().into());
        }
        job.to_string()
    }
}

/// A bill that Redis acknowledged.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// The job's id.
    pub id: String,
    /// What was submitted.
    pub bill: Bill,
    /// When, in microseconds since the simulator started.
    pub at_us: u64,
}
