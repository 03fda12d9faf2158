//! The doorbell: one blocking read that hears every inbox of a process.

use std::time::Duration;

use antre_protocol::account::AccountName;
use redis::{
    AsyncCommands,
    aio::MultiplexedConnection,
    streams::{StreamReadOptions, StreamReadReply},
};

use crate::{Redis, StoreError, keys::Keys};

/// Hears the inboxes of several accounts on one connection of its own.
pub struct Doorbell {
    connection: MultiplexedConnection,
    inboxes: Vec<String>,
    block: Duration,
}

impl std::fmt::Debug for Doorbell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Doorbell").field("inboxes", &self.inboxes).finish_non_exhaustive()
    }
}

impl Doorbell {
    /// Opens the connection. `block` is how long one [`Doorbell::rung`] waits at most.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the server cannot be reached.
    pub async fn open(
        redis: &Redis,
        accounts: &[AccountName],
        block: Duration,
    ) -> Result<Self, StoreError> {
        let inboxes = accounts.iter().map(|account| Keys::new(account).inbox()).collect();
        Ok(Self { connection: redis.blocking(block).await?, inboxes, block })
    }

    /// Waits until an inbox holds something and returns the positions of those accounts; empty after `block`.
    ///
    /// # Errors
    /// Any [`StoreError`]; open another doorbell then.
    pub async fn rung(&mut self) -> Result<Vec<usize>, StoreError> {
        let block_ms = usize::try_from(self.block.as_millis()).unwrap_or(usize::MAX);
        // One entry is enough to wake; the entries are read by a script that cuts them.
        let options = StreamReadOptions::default().block(block_ms).count(1);
        let from_head = vec!["0"; self.inboxes.len()];
        let reply: Option<StreamReadReply> =
            self.connection.xread_options(&self.inboxes, &from_head, &options).await?;
        let keys = reply.map(|reply| reply.keys).unwrap_or_default();
        Ok(self
            .inboxes
            .iter()
            .enumerate()
            .filter(|(_, inbox)| keys.iter().any(|found| &found.key == *inbox))
            .map(|(position, _)| position)
            .collect())
    }
}
