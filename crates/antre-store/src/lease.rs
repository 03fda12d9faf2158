//! Leases and heartbeats.

use serde::Serialize;

use crate::{
    Queue, StoreError,
    claim::Grant,
    script::{LEAVE, RENEW, SWEEP},
};

/// What a worker says of itself with every heartbeat; `antre status` shows it.
#[derive(Debug, Clone, Serialize)]
pub struct Heartbeat {
    /// Version of the program.
    pub version: &'static str,
    /// Requests running now.
    pub running: usize,
    /// Requests that may run at once.
    pub concurrency: usize,
    /// Seconds since it started. When it said this is added by Redis.
    pub uptime_s: u64,
    /// Whether it can open connections to Xendit.
    pub is_connected: bool,
}

impl Queue {
    /// Renews the leases of `held` and tells that `worker` lives. Returns the ids whose lease is lost.
    ///
    /// # Errors
    /// Any [`StoreError`]; the leases run out unless a later call succeeds in time.
    pub async fn renew(
        &self,
        worker: &str,
        heartbeat: &Heartbeat,
        held: &[Grant],
    ) -> Result<Vec<String>, StoreError> {
        let heartbeat = serde_json::to_string(heartbeat)
            .map_err(|error| StoreError::reply("renew", error.to_string()))?;
        let mut arguments = vec![worker, &heartbeat];
        for grant in held {
            arguments.extend([grant.kind.as_str(), &grant.id, &grant.fence]);
        }
        self.run(&RENEW, &arguments).await
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
