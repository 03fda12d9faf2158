//! Finishing: the effect of an answer on the queue.

mod together;
mod written;

#[cfg(test)]
mod tests;

use antre_core::Quota;
use antre_core::job_outcome::Outcome;
use redis::Value;

pub(crate) use self::together::Finishes;
use self::written::Written;
use crate::{
    Queue, StoreError,
    claim::{Grant, GrantKind},
    decode::Reply,
};

/// What a finish did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// The job is done with this invoice.
    Done,
    /// The job is dead.
    Dead,
    /// The job is cancelled, as a program asked for.
    Cancelled,
    /// The job or follow-up goes on now.
    Waiting,
    /// The job goes on at its time.
    Scheduled,
    /// The job has another invoice, or is not this one's any more: this invoice will be expired.
    Surplus,
    /// The job had this very invoice already.
    Same,
    /// The invoice found is being expired: the job looks again.
    Raced,
    /// A late answer without effect.
    LeaseLost,
    /// The worker's key is the account's.
    Ours,
    /// The worker's key is not (yet) shown to be the account's.
    Stranger,
}

impl Queue {
    /// Writes what the request of `grant` brought. An invoice that exists counts with a stale claim token as well.
    /// What is to be written while a call runs is written together by the next one.
    ///
    /// # Errors
    /// [`StoreError::Misplaced`] when the outcome is none of this kind of grant. Any other; repeating the call is
    /// harmless for the job, and after an outcome with which it goes on counts twice for the breaker.
    pub async fn finish(
        &self,
        grant: &Grant,
        outcome: &Outcome,
        quota: Quota,
    ) -> Result<Finished, StoreError> {
        let kind = match outcome {
            Outcome::Job(_) => GrantKind::Job,
            Outcome::FollowUp(_) => GrantKind::FollowUp,
            Outcome::Probe(_) => GrantKind::Probe,
            Outcome::Read(_) => GrantKind::Read,
        };
        if kind != grant.kind {
            let (granted, word) = (grant.kind.as_str(), outcome.word());
            return Err(StoreError::Misplaced { granted, word });
        }
        let subject = match kind {
            GrantKind::Job | GrantKind::FollowUp | GrantKind::Read => &grant.id,
            GrantKind::Probe => &grant.worker.fingerprint,
        };
        let text = |number: Option<u128>| number.map(|n| n.to_string()).unwrap_or_default();
        let Written { finish, answer, response } = written::of(grant, outcome)?;
        let arguments = [
            finish.to_owned(),
            grant.worker.name.clone(),
            subject.clone(),
            grant.claim_token.clone(),
            text(quota.remaining.map(u128::from)),
            text(quota.limit.map(u128::from)),
            text(quota.reset.map(|reset| reset.as_micros())),
            answer,
            response,
        ];
        self.finishes().write(self, arguments).await
    }
}

fn decode_finished(items: Vec<Value>) -> Result<Finished, StoreError> {
    let mut reply = Reply::new("finish", items);
    match reply.next::<String>()?.as_str() {
        "done" => Ok(Finished::Done),
        "dead" => Ok(Finished::Dead),
        "cancelled" => Ok(Finished::Cancelled),
        "waiting" => Ok(Finished::Waiting),
        "scheduled" | "retrying" => Ok(Finished::Scheduled),
        "surplus" => Ok(Finished::Surplus),
        "same" => Ok(Finished::Same),
        "raced" => Ok(Finished::Raced),
        "lease_lost" | "ignored" => Ok(Finished::LeaseLost),
        "ours" => Ok(Finished::Ours),
        "stranger" => Ok(Finished::Stranger),
        "failed" => Err(StoreError::told(&reply.next::<String>()?)),
        other => Err(reply.unexpected(other)),
    }
}
