//! Leases and heartbeats.

use std::time::Duration;

pub use crate::status::Heartbeat;
use crate::{
    Queue, StoreError,
    claim::{Grant, GrantKind},
    script::{LEAVE, RENEW, SWEEP},
};

/// What a renewal brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewed {
    /// How long a lease lasts, by the configuration in force; zero when there is none.
    pub lease: Duration,
    /// Why nothing is granted to this worker alone, if that is so.
    pub closed: Option<String>,
    /// The ids whose lease is lost.
    pub lost: Vec<String>,
}

impl Queue {
    /// Renews the leases of `held` and tells that `worker` lives.
    ///
    /// # Errors
    /// Any [`StoreError`]; the leases run out unless a later call succeeds in time.
    pub async fn renew(
        &self,
        worker: &str,
        heartbeat: &Heartbeat,
        held: &[Grant],
    ) -> Result<Renewed, StoreError> {
        let heartbeat = serde_json::to_string(heartbeat)
            .map_err(|error| StoreError::reply("renew", error.to_string()))?;
        let mut arguments = vec![worker, &heartbeat];
        for grant in
            held.iter().filter(|grant| matches!(grant.kind, GrantKind::Job | GrantKind::FollowUp))
        {
            arguments.extend([grant.kind.as_str(), &grant.id, &grant.claim_token]);
        }
        let mut items: Vec<String> = self.run(&RENEW, &arguments).await?;
        let lost = items.split_off(items.len().min(2));
        let closed = items.pop().filter(|reason| !reason.is_empty());
        let lease_ms = items.pop().and_then(|text| text.parse().ok()).unwrap_or_default();
        Ok(Renewed { lease: Duration::from_millis(lease_ms), closed, lost })
    }

    /// Takes the heartbeat of a worker away that stops in order.
    ///
    /// # Errors
    /// Any [`StoreError`]; the sweep removes the heartbeat later then.
    pub async fn leave(&self, worker: &str) -> Result<(), StoreError> {
        let _was_there: u32 = self.run(&LEAVE, &[worker]).await?;
        Ok(())
    }

    /// Removes one bounded portion of ended jobs older than their retention. Returns how many.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn sweep(&self) -> Result<u32, StoreError> {
        const SILENT_WORKER_MS: &str = "3600000";
        self.run(&SWEEP, &[SILENT_WORKER_MS]).await
    }
}
