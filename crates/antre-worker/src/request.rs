//! From a grant to the request it allows.

use antre_core::{job::Job, state::NextRequest, warning::Warning};
use antre_store::claim::{Grant, GrantKind};
use antre_xendit::{Call, body};

use crate::account::Account;

/// A request, and what the reader of its answer needs.
pub(crate) struct Prepared {
    pub(crate) call: Call,
    /// The job; `None` for a follow-up whose job is gone.
    pub(crate) job: Option<Job>,
    /// What is changed or left out in the invoice; of a look-up in those of ours that it may find.
    pub(crate) warnings: Vec<Warning>,
}

/// Why there is nothing to send.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoRequest {
    /// The job's JSON in Redis is not what was accepted.
    #[error("the job's data is not valid any more: {0}")]
    Damaged(String),
    /// The follow-up's job is gone, and with it the reason for the follow-up.
    #[error("the job is gone")]
    Gone,
}

/// Builds the request that `grant` allows.
pub(crate) fn prepare(account: &Account, grant: &Grant) -> Result<Prepared, NoRequest> {
    let alone = match (grant.kind, &grant.read) {
        (GrantKind::Probe, _) => Some(Call::Newest),
        (GrantKind::Read, Some(read)) => Some(Call::Read(read.clone())),
        (GrantKind::Read, None) => return Err(NoRequest::Gone),
        (GrantKind::Job | GrantKind::FollowUp, _) => None,
    };
    if let Some(call) = alone {
        return Ok(Prepared { call, job: None, warnings: Vec::new() });
    }
    let job = match (body::parse(&grant.data), grant.kind) {
        (Ok(job), _) => Some(job),
        (Err(fault), GrantKind::Job) => return Err(NoRequest::Damaged(fault.to_string())),
        (Err(_), GrantKind::FollowUp | GrantKind::Probe | GrantKind::Read) => None,
    };
    let body_of =
        |job: &Job| body::create_body(job, &marker(account, grant), account.options.notification);
    let (call, warnings) = match (grant.request, &job, &grant.invoice_id) {
        (NextRequest::Create, Some(job), _) => {
            let (body, warnings) = body_of(job);
            (Call::Create { body: body.into() }, warnings)
        }
        (NextRequest::Expire, _, Some(id)) => (Call::Expire { invoice_id: id.clone() }, Vec::new()),
        (NextRequest::LookUp, Some(job), _) => {
            (Call::LookUp { external_id: grant.external_id().to_owned() }, body_of(job).1)
        }
        (NextRequest::Create | NextRequest::LookUp | NextRequest::Expire, _, _) => {
            return Err(NoRequest::Gone);
        }
    };
    Ok(Prepared { call, job, warnings })
}

/// Returns the mark that every invoice of this bill carries.
pub(crate) fn marker(account: &Account, grant: &Grant) -> String {
    let origin = grant.job.origin.as_ref().or(grant.bill.origin.as_ref()).unwrap_or(&grant.id);
    body::marker(&account.options.name, origin)
}
