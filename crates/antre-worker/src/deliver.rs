//! The handler: sends the one request that was granted and reads its answer.

use std::{
    sync::{Arc, PoisonError},
    time::Instant,
};

use antre_store::claim::GrantKind;
use antre_xendit::SendDeadline;
use apalis_core::{error::BoxDynError, task::data::Data};

use crate::{
    account::Account,
    claimer::Work,
    measures,
    report::{self, Report},
    request,
};

/// Sends the request and returns what its answer means. The apalis task function.
///
/// # Errors
/// None of its own; the type is apalis'.
pub async fn deliver(work: Work, account: Data<Arc<Account>>) -> Result<Report, BoxDynError> {
    let Work { held, connection, latest, place } = work;
    let mut connection = connection.into_inner().unwrap_or_else(PoisonError::into_inner);
    let grant = &held.grant;
    let prepared = match request::prepare(&account, grant) {
        Ok(prepared) => prepared,
        Err(why) => {
            tracing::warn!(account = account.name(), job.id = grant.id, %why, "nothing to send");
            account.connections.put(connection);
            return Ok(report::unsendable(grant.kind, &why));
        }
    };
    if let Some(place) = place {
        let left = latest.saturating_duration_since(tokio::time::Instant::now());
        let took = grant.send_within.saturating_sub(left);
        account.process.claims.leave(place, took, grant.send_within);
    }
    held.note_sending();
    let begun = Instant::now();
    let deadline = SendDeadline { latest, timeout: Some(grant.request_timeout) };
    let reply = connection.call(&prepared.call, deadline).await;
    let (status, request_id) =
        (reply.status.map(|status| status.as_u16()), reply.request_id.clone());
    let report = report::read(&account, grant, &prepared, reply);
    // What comes next on a mixed-up connection may be the answer to this request.
    if report.is_mixed_up {
        drop(connection);
    } else {
        account.connections.put(connection);
    }
    tracing::info!(
        account = account.name(),
        job.id = grant.id,
        trace.id = grant.job.traceparent.as_deref().and_then(trace_id),
        request = grant.request.as_str(),
        outcome = report.word(),
        status,
        request_id,
        duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        "request"
    );
    let request = match grant.kind {
        GrantKind::Probe | GrantKind::Read => grant.kind.as_str(),
        GrantKind::Job | GrantKind::FollowUp => grant.request.as_str(),
    };
    measures::request(account.name(), request, report.word(), begun.elapsed());
    if status.is_some() {
        account.request_times.note(begun.elapsed());
    }
    Ok(report)
}

/// Returns the trace id of a W3C `traceparent`: `00-<trace id>-<parent id>-<flags>`.
fn trace_id(traceparent: &str) -> Option<&str> {
    traceparent.split('-').nth(1)
}
