//! The doorbell: one blocking read that hears every inbox of a process.

use std::time::Duration;

use antre_protocol::account::AccountName;
use redis::{
    AsyncCommands,
    aio::MultiplexedConnection,
    streams::{StreamId, StreamReadOptions, StreamReadReply},
};

use crate::{Redis, StoreError, intake::InboxEntry, keys::Keys};

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

    /// Waits until inboxes hold something and returns the oldest entry of each, with the position of its
    /// account; empty after `block`. Values are cut after `value_bytes_max` bytes.
    ///
    /// # Errors
    /// Any [`StoreError`]; open another doorbell then.
    pub async fn rung(
        &mut self,
        value_bytes_max: usize,
    ) -> Result<Vec<(usize, InboxEntry)>, StoreError> {
        let block_ms = usize::try_from(self.block.as_millis()).unwrap_or(usize::MAX);
        // One entry each: more would move a bulk to every worker. The rest is read by a script.
        let options = StreamReadOptions::default().block(block_ms).count(1);
        let from_head = vec!["0"; self.inboxes.len()];
        let reply: Option<StreamReadReply> =
            self.connection.xread_options(&self.inboxes, &from_head, &options).await?;
        let mut rings = Vec::new();
        for stream in reply.into_iter().flat_map(|reply| reply.keys) {
            let position = self.inboxes.iter().position(|inbox| *inbox == stream.key);
            let entry = stream.ids.into_iter().next();
            if let (Some(position), Some(entry)) = (position, entry) {
                rings.push((position, cut(entry, value_bytes_max)?));
            }
        }
        Ok(rings)
    }
}

fn cut(entry: StreamId, value_bytes_max: usize) -> Result<InboxEntry, StoreError> {
    let fields = entry
        .map
        .into_iter()
        .map(|(field, value)| {
            let mut value: Vec<u8> = redis::from_redis_value(value)?;
            value.truncate(value_bytes_max);
            Ok((field.into_bytes(), value))
        })
        .collect::<Result<_, redis::ParsingError>>()
        .map_err(|error| StoreError::reply("XREAD", error.to_string()))?;
    Ok(InboxEntry { id: entry.id, fields })
}
