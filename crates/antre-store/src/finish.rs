//! Finishing: what the answer to a claimed request does to the queue.

use std::{fmt, time::Duration};

use redis::Value;
use serde::Serialize;

use crate::{
    Queue, StoreError,
    claim::{Grant, GrantKind},
    script::{FINISH_CHORE, FINISH_DEAD, FINISH_DONE, FINISH_PROBE, FINISH_RETRY, Script},
};

/// What an answer's headers said about the account's quota.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QuotaSeen {
    /// `Rate-Limit-Remaining`.
    pub remaining: Option<u32>,
    /// `Rate-Limit-Limit`.
    pub limit: Option<u32>,
    /// `Rate-Limit-Reset`.
    pub reset: Option<Duration>,
}

/// An invoice to deliver, as texts; absent ones are empty.
#[derive(Clone, Default, Serialize)]
pub struct Delivered {
    /// `created` or `adopted`.
    pub outcome: &'static str,
    /// The bill.
    pub external_id: String,
    /// Xendit's id of the invoice.
    pub invoice_id: String,
    /// The payment link.
    pub invoice_url: String,
    /// When the invoice expires, as Xendit spelled it.
    pub expiry_date: String,
    /// The same in Unix milliseconds.
    pub expires_at: String,
    /// The account at Xendit that the answer names.
    pub user_id: String,
    /// Xendit's answer, JSON.
    pub response: String,
    /// JSON array of warnings.
    pub warnings: String,
    /// `1` if the customer has paid it.
    pub is_paid: &'static str,
    /// `1` if the customer had paid it before this job asked for it.
    pub already_paid: &'static str,
    /// Ids of other invoices of this bill to expire, with blanks between.
    pub surplus: String,
}

/// Why a job ends without an invoice.
#[derive(Clone, Default, Serialize)]
pub struct Died {
    /// `rejected` by the answer to a create, or `found` by a look-up.
    pub outcome: &'static str,
    /// Xendit's `error_code`, or ours.
    pub error_code: String,
    /// What to tell the operator.
    pub error_message: String,
    /// The HTTP status of the answer, or empty.
    pub error_status: String,
    /// Xendit's answer, JSON.
    pub response: String,
    /// JSON array of warnings.
    pub warnings: String,
    /// The invoice in question, if there is one.
    pub invoice_id: String,
    /// Ids of invoices of this bill that have ended, with blanks between.
    pub past: String,
}

/// An answer after which a job goes on.
#[derive(Clone, Default, Serialize)]
pub struct GoesOn {
    /// `ambiguous`, `not_sent`, `lookup_failed`, `refused`, `key_refused`, `limited`, `absent`, `expire_first`, `expired`,
    /// `abandoned`.
    pub outcome: &'static str,
    /// The error's code.
    pub code: String,
    /// The error's text.
    pub message: String,
    /// The HTTP status of the answer, or empty.
    pub status: String,
    /// The answer's body, JSON, or empty: told if the job dies of this failure in the end.
    pub response: String,
    /// How long the fleet must wait, in microseconds, of `limited`.
    pub wait_us: String,
    /// `1` if an answer was read, so that nothing of this request is still on its way.
    pub is_answered: &'static str,
    /// The invoice to expire, of `expire_first`.
    pub invoice_id: String,
    /// JSON array of what a look-up remarked; empty to keep what was remarked before.
    pub warnings: String,
}

/// What became of a chore's request.
#[derive(Clone, Default, Serialize)]
pub struct ChoreDone {
    /// `done`, `not_sent`, `lookup_failed`, `refused`, `key_refused`, `limited`.
    pub outcome: &'static str,
    /// The error's code.
    pub code: String,
    /// How long the fleet must wait, in microseconds, of `limited`.
    pub wait_us: String,
    /// Ids of invoices to expire, with blanks between.
    pub surplus: String,
    /// `1`: look at the bill again.
    pub audit: &'static str,
    /// `1`: the bill's invoice is another one by now.
    pub relink: &'static str,
    /// That invoice.
    pub invoice_id: String,
    /// Its link.
    pub invoice_url: String,
    /// Its expiry as Xendit spelled it.
    pub expiry_date: String,
    /// The same in Unix milliseconds.
    pub expires_at: String,
    /// Xendit's answer, JSON.
    pub response: String,
}

/// What a probe showed.
#[derive(Clone, Default, Serialize)]
pub struct Probed {
    /// `seen` an invoice, `empty` list, `silent` (answered, but tells nothing), `forbidden` (403), `key_refused`,
    /// `limited`, `not_sent`, `lookup_failed`.
    pub outcome: &'static str,
    /// The account at Xendit that the invoice names.
    pub user_id: String,
    /// The mode of the key.
    pub mode: &'static str,
    /// The error's code.
    pub code: String,
    /// How long to wait, in microseconds, of `limited`.
    pub wait_us: String,
}

/// Xendit's answers and messages repeat personal data: what is logged of a finish is ids and codes.
macro_rules! debug_without_personal_data {
    ($($name:ident { $($field:ident),* })*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))*.finish_non_exhaustive()
            }
        }
    )*};
}

debug_without_personal_data! {
    Delivered { outcome, invoice_id, is_paid, surplus }
    Died { outcome, error_code, invoice_id, past }
    GoesOn { outcome, code, wait_us, is_answered, invoice_id }
    ChoreDone { outcome, code, wait_us, surplus, audit, relink, invoice_id }
    Probed { outcome, code, wait_us }
}

/// What a finish did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// The job is done with this invoice.
    Done,
    /// The job is dead.
    Dead,
    /// The job or chore goes on now.
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
    /// Finishes with an invoice. Has an effect with a stale fence as well: an invoice that exists counts.
    ///
    /// # Errors
    /// Any [`StoreError`]; repeating the call is harmless.
    pub async fn finish_done(
        &self,
        grant: &Grant,
        quota: QuotaSeen,
        delivered: &Delivered,
    ) -> Result<Finished, StoreError> {
        self.finish(&FINISH_DONE, grant, quota, delivered).await
    }

    /// Finishes for good without an invoice.
    ///
    /// # Errors
    /// Any [`StoreError`]; repeating the call is harmless.
    pub async fn finish_dead(
        &self,
        grant: &Grant,
        quota: QuotaSeen,
        died: &Died,
    ) -> Result<Finished, StoreError> {
        self.finish(&FINISH_DEAD, grant, quota, died).await
    }

    /// Finishes a request after which the job goes on.
    ///
    /// # Errors
    /// Any [`StoreError`]; repeating the call is harmless for the job, and counts twice for the breaker.
    pub async fn finish_retry(
        &self,
        grant: &Grant,
        quota: QuotaSeen,
        goes_on: &GoesOn,
    ) -> Result<Finished, StoreError> {
        self.finish(&FINISH_RETRY, grant, quota, goes_on).await
    }

    /// Finishes a chore's request.
    ///
    /// # Errors
    /// Any [`StoreError`]; repeating the call is harmless.
    pub async fn finish_chore(
        &self,
        grant: &Grant,
        quota: QuotaSeen,
        done: &ChoreDone,
    ) -> Result<Finished, StoreError> {
        self.finish(&FINISH_CHORE, grant, quota, done).await
    }

    /// Finishes a probe: tells whose the worker's key is.
    ///
    /// # Errors
    /// Any [`StoreError`]; repeating the call is harmless.
    pub async fn finish_probe(
        &self,
        grant: &Grant,
        quota: QuotaSeen,
        probed: &Probed,
    ) -> Result<Finished, StoreError> {
        self.finish(&FINISH_PROBE, grant, quota, probed).await
    }

    async fn finish(
        &self,
        script: &Script,
        grant: &Grant,
        quota: QuotaSeen,
        answer: &impl Serialize,
    ) -> Result<Finished, StoreError> {
        let answer = serde_json::to_string(answer)
            .map_err(|error| StoreError::reply("finish", error.to_string()))?;
        let text = |number: Option<u128>| number.map(|n| n.to_string()).unwrap_or_default();
        let subject = match grant.kind {
            GrantKind::Job | GrantKind::Chore => &grant.id,
            GrantKind::Probe => &grant.worker.fingerprint,
        };
        let arguments = [
            subject.clone(),
            grant.fence.clone(),
            text(quota.remaining.map(u128::from)),
            text(quota.limit.map(u128::from)),
            text(quota.reset.map(|reset| reset.as_micros())),
            answer,
            grant.worker.name.clone(),
        ];
        let items: Vec<Value> = self.run(script, &arguments).await?;
        decode_finished(items)
    }
}

fn decode_finished(items: Vec<Value>) -> Result<Finished, StoreError> {
    let mut reply = crate::decode::Reply::new("finish", items);
    match reply.next::<String>()?.as_str() {
        "done" => Ok(Finished::Done),
        "dead" => Ok(Finished::Dead),
        "waiting" => Ok(Finished::Waiting),
        "scheduled" | "retrying" => Ok(Finished::Scheduled),
        "surplus" => Ok(Finished::Surplus),
        "same" => Ok(Finished::Same),
        "raced" => Ok(Finished::Raced),
        "lease_lost" | "ignored" => Ok(Finished::LeaseLost),
        "ours" => Ok(Finished::Ours),
        "stranger" => Ok(Finished::Stranger),
        other => Err(reply.unexpected(other)),
    }
}
