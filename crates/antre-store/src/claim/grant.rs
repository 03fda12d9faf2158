//! A grant: the right to send one request, and all data needed to build it and read its answer.

use std::{iter, sync::Arc, time::Duration};

use antre_core::read::{ReadKind, ReadRequest};
use antre_core::state::NextRequest;
use antre_core::warning::Warning;
use apalis_redis::queries::CompactTask;
use redis::Value;

use super::WorkerIdentity;
use crate::{
    StoreError,
    bill_text::bill_fields,
    decode::{Fields, Reply, flag, number, optional, pairs, text},
};

/// What a grant is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantKind {
    /// A submitted job.
    Job,
    /// Work that a finish left behind.
    FollowUp,
    /// The newest invoice is asked for: it shows whose the key is, and whether Xendit answers this worker.
    Probe,
    /// What a program asks through the gateway.
    Read,
}

impl GrantKind {
    /// Returns the word that scripts use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::FollowUp => "follow_up",
            Self::Probe => "probe",
            Self::Read => "read",
        }
    }
}

/// The right to send one request.
#[derive(Debug, Clone)]
pub struct Grant {
    /// What it is for.
    pub kind: GrantKind,
    /// The id of the job, follow-up or read.
    pub id: String,
    /// The random id of this claim; every later call about it must show it.
    pub claim_token: String,
    /// Who claimed it.
    pub worker: Arc<WorkerIdentity>,
    /// How long the request may take, by the configuration in force.
    pub request_timeout: Duration,
    /// How long after the claim was sent the request's first byte may leave.
    pub send_within: Duration,
    /// Which request.
    pub request: NextRequest,
    /// The invoice to expire, of that request.
    pub invoice_id: Option<String>,
    /// The job's JSON as it was submitted; of a follow-up its job's, `{}` when that is gone.
    pub data: Vec<u8>,
    /// The job's record; of a follow-up what its own record has of that.
    pub job: ClaimedJob,
    /// What is remembered of the bill.
    pub bill: ClaimedBill,
    /// What a program asks, of a read.
    pub read: Option<ReadRequest>,
}

/// A job's record as far as its request and the reading of the answer need it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClaimedJob {
    /// The bill.
    pub external_id: String,
    /// Attempts used.
    pub attempts: u32,
    /// Creates that were granted.
    pub creates: u32,
    /// Workers that were lost with it in a row.
    pub crashes: u32,
    /// Whether a create was refused or its look-up was given up: there may be an invoice all the same.
    pub is_touched: bool,
    /// Whether it begins with a look-up because a request may have been forgotten.
    pub is_rechecked: bool,
    /// The first job of the bill.
    pub origin: Option<String>,
    /// The trace that it was submitted with.
    pub traceparent: Option<String>,
    /// What look-ups remarked so far.
    pub warnings: Vec<Warning>,
}

/// A bill as a look-up needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClaimedBill {
    /// Its first job.
    pub origin: Option<String>,
    /// When its first create was granted, Unix milliseconds.
    pub first_sent_ms: Option<i64>,
    /// The invoice that it has.
    pub invoice_id: Option<String>,
    /// Ids of invoices that were expired or had ended.
    pub closed_invoices: Vec<String>,
    /// Up to when earlier invoices of this name are another bill's, Unix milliseconds.
    pub closed_before_ms: Option<i64>,
    /// Whether a bill that was done is being looked at again.
    pub is_recheck: bool,
    /// The account at Xendit, once an answer named it.
    pub user_id: Option<String>,
}

impl Grant {
    /// Returns whether nothing else may run in the worker at the same time: the job was lost with its worker before.
    pub fn runs_alone(&self) -> bool {
        self.kind == GrantKind::Job && self.job.crashes > 0
    }

    /// Returns the bill's external id.
    pub fn external_id(&self) -> &str {
        &self.job.external_id
    }
}

/// What one claim of several requests brought.
#[derive(Debug, Clone)]
pub struct Granted {
    /// At least one.
    pub grants: Vec<Grant>,
    /// How long nothing more is granted to this worker unless it is woken; zero if nobody knows.
    pub rest: Duration,
}

/// Reads what follows the word of a claim that was granted.
pub(super) fn decode(
    mut reply: Reply,
    worker: &Arc<WorkerIdentity>,
) -> Result<Granted, StoreError> {
    let send_within = Duration::from_micros(reply.parse()?);
    let request_timeout = Duration::from_millis(reply.parse()?);
    let grants: Vec<Vec<Value>> = reply.next()?;
    let read = |items| {
        let grant = one(Reply::new("claim", items), worker)?;
        Ok(Grant { request_timeout, send_within, ..grant })
    };
    let grants = grants.into_iter().map(read).collect::<Result<_, StoreError>>()?;
    Ok(Granted { grants, rest: Duration::from_micros(reply.parse()?) })
}

fn one(mut reply: Reply, worker: &Arc<WorkerIdentity>) -> Result<Grant, StoreError> {
    let kind = match reply.next::<String>()?.as_str() {
        "job" => GrantKind::Job,
        "follow_up" => GrantKind::FollowUp,
        "probe" => GrantKind::Probe,
        "read" => GrantKind::Read,
        other => return Err(reply.fault(format!("unexpected kind `{other}`"))),
    };
    let claim_token = reply.next()?;
    let (id, data, record): (Value, Value, Value) = (reply.next()?, reply.next()?, reply.next()?);
    let (stored_bill, user_id): (Vec<u8>, String) = (reply.next()?, reply.next()?);
    let record =
        pairs(record).ok_or_else(|| StoreError::reply("claim", "a record that is none"))?;
    let fields = record.into_iter().flat_map(|(field, value)| [field, value]);
    let fields = fields.map(|text| Value::BulkString(text.into_bytes()));
    let record = iter::once(id).chain(fields).collect();
    let listed = vec![Value::Array(vec![data]), Value::Array(vec![Value::Array(record)])];
    let mut tasks = apalis_redis::queries::deserialize_with_meta(listed)?;
    let task = tasks.pop().ok_or_else(|| StoreError::reply("claim", "no record"))?;
    let CompactTask { data, attempts, task_id, meta, .. } = task;
    Ok(Grant {
        kind,
        id: task_id.to_string(),
        claim_token,
        worker: Arc::clone(worker),
        request_timeout: Duration::ZERO,
        send_within: Duration::ZERO,
        request: request(kind, &meta)?,
        invoice_id: text(&meta, if kind == GrantKind::Job { "expire_id" } else { "invoice_id" }),
        data,
        job: job(&meta, attempts),
        bill: bill(&bill_fields(&stored_bill), &meta, user_id),
        read: read(&meta).filter(|_| kind == GrantKind::Read),
    })
}

fn request(kind: GrantKind, record: &Fields) -> Result<NextRequest, StoreError> {
    Ok(match (kind, record.get("kind").map(String::as_str)) {
        (GrantKind::FollowUp | GrantKind::Read, Some("expire")) => NextRequest::Expire,
        (GrantKind::FollowUp | GrantKind::Probe | GrantKind::Read, _) => NextRequest::LookUp,
        (GrantKind::Job, _) => optional(record, "request")
            .ok_or_else(|| StoreError::reply("claim", "a record without a request"))?,
    })
}

fn read(record: &Fields) -> Option<ReadRequest> {
    let kind = ReadKind::of_word(record.get("kind")?)?;
    Some(ReadRequest { kind, target: record.get("target").cloned().unwrap_or_default() })
}

fn job(record: &Fields, attempts: u32) -> ClaimedJob {
    let warnings = text(record, "warnings").and_then(|json| serde_json::from_str(&json).ok());
    ClaimedJob {
        external_id: text(record, "external_id").unwrap_or_default(),
        attempts,
        creates: number(record, "creates"),
        crashes: number(record, "crashes"),
        is_touched: flag(record, "touched"),
        is_rechecked: flag(record, "rechecked"),
        origin: text(record, "origin"),
        traceparent: text(record, "traceparent"),
        warnings: warnings.unwrap_or_default(),
    }
}

/// While the bill's job lives, it is the job's record that knows when its first create was granted.
fn bill(bill: &Fields, record: &Fields, user_id: String) -> ClaimedBill {
    let closed_invoices = text(bill, "closed_invoices").unwrap_or_default();
    ClaimedBill {
        origin: text(bill, "origin"),
        first_sent_ms: optional(record, "first_sent").or_else(|| optional(bill, "first_sent")),
        invoice_id: text(bill, "invoice_id"),
        closed_invoices: closed_invoices.split_whitespace().map(str::to_owned).collect(),
        closed_before_ms: optional(bill, "closed_before"),
        is_recheck: flag(bill, "former"),
        user_id: Some(user_id).filter(|it| !it.is_empty()),
    }
}
