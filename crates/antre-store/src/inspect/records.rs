//! The records of jobs, bills and batches, read once.
//!
//! Everything but a name may be missing: other programs can write there, too, and what cannot be read is absent.

use std::fmt;

use antre_core::amount::Amount;
use antre_core::job_result::JobResult;
use antre_core::priority::Priority;
use antre_core::state::NextRequest;
use antre_core::state::State;
use antre_core::warning::Warning;

use crate::{
    bill_text::bill_fields,
    decode::{Fields, number, optional, text},
};

/// A job's record and JSON. Instants are Unix milliseconds.
#[derive(Debug, Clone, Default)]
pub struct JobRecord {
    /// The job id.
    pub id: String,
    /// Where it is.
    pub state: Option<State>,
    /// Its bill.
    pub external_id: Option<String>,
    /// The bill's amount.
    pub amount: Option<Amount>,
    /// Its priority.
    pub priority: Option<Priority>,
    /// Its batch.
    pub batch: Option<String>,
    /// What the sender gave as `reference`.
    pub reference: Option<String>,
    /// The first job of the bill, if this one is a duplicate.
    pub duplicate_of: Option<String>,
    /// The next request, or the one that runs.
    pub request: Option<NextRequest>,
    /// Attempts used.
    pub attempts: Option<u32>,
    /// At how many it is dead.
    pub max_attempts: Option<u32>,
    /// The first job of the bill.
    pub origin: Option<String>,
    /// When it was taken out of the inbox.
    pub accepted_at_ms: Option<u64>,
    /// Not before this time.
    pub run_at_ms: Option<u64>,
    /// Until when a create may still have an effect that nobody has seen.
    pub effective_until_ms: Option<u64>,
    /// When it ended.
    pub ended_at_ms: Option<u64>,
    /// The worker that runs it.
    pub locked_by: Option<String>,
    /// The invoice.
    pub invoice: InvoiceRecord,
    /// Why it is dead; of a living job the last failure.
    pub error: ErrorRecord,
    /// Remarks that did not stop it.
    pub warnings: Vec<Warning>,
    /// Its result, once it has ended.
    pub result: Option<JobResult>,
    /// What was submitted; absent for duplicates and cancelled jobs.
    pub data: Option<Vec<u8>>,
}

/// An invoice as a record has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvoiceRecord {
    /// Xendit's id of it.
    pub id: Option<String>,
    /// The page where the customer pays.
    pub url: Option<String>,
    /// When it expires, as Xendit spelled it.
    pub expiry_date: Option<String>,
    /// The same in Unix milliseconds.
    pub expires_at_ms: Option<i64>,
}

/// A failure as a record has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorRecord {
    /// Its word.
    pub code: Option<String>,
    /// What happened, for a person.
    pub message: Option<String>,
    /// The HTTP status of the answer.
    pub status: Option<u16>,
}

/// What is remembered of a bill.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BillRecord {
    /// The job that it belongs to now.
    pub job: Option<String>,
    /// The first job ever accepted for it.
    pub origin: Option<String>,
    /// Where it is; `None` while it is open.
    pub ended: Option<State>,
    /// Its amount.
    pub amount: Option<Amount>,
    /// Its currency; absent for rupiah.
    pub currency: Option<String>,
    /// Its invoice.
    pub invoice: InvoiceRecord,
    /// Ids of its invoices that have ended or are being expired.
    pub closed_invoices: Vec<String>,
    /// Whether a create for an earlier job of it may have had an effect, or was refused.
    pub may_have_sent: bool,
}

/// How far the jobs of a batch are; those still in the inbox are not counted yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BatchProgress {
    /// Accepted jobs, duplicates and refused ones included.
    pub total: u64,
    /// Jobs with their invoice.
    pub done: u64,
    /// Jobs that wait for a person.
    pub dead: u64,
    /// Jobs that were called off.
    pub cancelled: u64,
    /// Jobs for a bill that has another job, whose result they get when that ends.
    pub duplicates: u64,
}

impl JobRecord {
    /// The JSON and the result are no part of the record.
    pub(super) fn decode(id: &str, fields: &Fields) -> Self {
        Self {
            id: id.to_owned(),
            state: optional(fields, "state"),
            external_id: text(fields, "external_id"),
            amount: optional(fields, "amount"),
            priority: optional(fields, "priority"),
            batch: text(fields, "batch"),
            reference: text(fields, "reference"),
            duplicate_of: text(fields, "duplicate_of"),
            request: optional(fields, "request"),
            attempts: optional(fields, "attempts"),
            max_attempts: optional(fields, "max_attempts"),
            origin: text(fields, "origin"),
            accepted_at_ms: optional(fields, "accepted_at"),
            run_at_ms: optional(fields, "run_at"),
            effective_until_ms: optional(fields, "effective_until"),
            ended_at_ms: optional(fields, "ended_at"),
            locked_by: text(fields, "locked_by"),
            invoice: InvoiceRecord::decode(fields),
            error: ErrorRecord {
                code: text(fields, "error_code"),
                message: text(fields, "error_message"),
                status: optional(fields, "error_status"),
            },
            warnings: text(fields, "warnings")
                .and_then(|json| serde_json::from_str(&json).ok())
                .unwrap_or_default(),
            result: None,
            data: None,
        }
    }
}

impl JobRecord {
    /// Adds what stands beside the record: what was submitted, and the result, which has the link.
    pub(super) fn with(mut self, data: Option<Vec<u8>>, result: Option<String>) -> Self {
        self.data = data;
        self.result = result.and_then(|json| serde_json::from_str(&json).ok());
        if let Some(result) = &self.result {
            self.invoice.url.clone_from(&result.invoice_url);
            self.invoice.expiry_date.clone_from(&result.expiry_date);
        }
        self
    }
}

impl InvoiceRecord {
    fn decode(fields: &Fields) -> Self {
        Self {
            id: text(fields, "invoice_id"),
            url: text(fields, "invoice_url"),
            expiry_date: text(fields, "expiry_date"),
            expires_at_ms: optional(fields, "expires_at"),
        }
    }
}

impl BillRecord {
    /// Reads a bill's text; of what is none, nothing is known.
    pub(super) fn decode(stored: &[u8]) -> Self {
        let fields = &bill_fields(stored);
        let closed_invoices = text(fields, "closed_invoices").unwrap_or_default();
        Self {
            job: text(fields, "job"),
            origin: text(fields, "origin"),
            ended: optional(fields, "state").filter(|state: &State| state.is_ended()),
            amount: optional(fields, "amount"),
            currency: text(fields, "currency"),
            invoice: InvoiceRecord::decode(fields),
            closed_invoices: closed_invoices.split_whitespace().map(str::to_owned).collect(),
            may_have_sent: text(fields, "sent").is_some(),
        }
    }
}

impl BatchProgress {
    /// A revived job is taken back from `dead`, so a count may be negative for a moment: it counts as 0.
    pub(super) fn decode(fields: &Fields) -> Self {
        Self {
            total: number(fields, "total"),
            done: number(fields, "done"),
            dead: number(fields, "dead"),
            cancelled: number(fields, "cancelled"),
            duplicates: number(fields, "duplicates"),
        }
    }

    /// Returns how many jobs need nothing more. A duplicate counts at once, although its first job may
    /// still run if that belongs to another batch.
    pub fn ended(&self) -> u64 {
        self.done + self.dead + self.cancelled + self.duplicates
    }
}

impl fmt::Display for BatchProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { total, done, dead, cancelled, duplicates } = self;
        write!(f, "{total} accepted, {done} done, {dead} dead, {cancelled} cancelled, ")?;
        write!(f, "{duplicates} duplicates")
    }
}

#[cfg(test)]
mod tests;
