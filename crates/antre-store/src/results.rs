//! Results: a list per job that keeps its one result for 24 h, and the stream of all ends.

use std::time::Duration;

use redis::{
    AsyncCommands,
    aio::MultiplexedConnection,
    streams::{StreamReadOptions, StreamReadReply},
};

use crate::{Queue, StoreError, decode::Fields};

/// Waits for results on a connection of its own.
pub struct ResultWaiter {
    connection: MultiplexedConnection,
    queue: Queue,
    block: Duration,
}

impl std::fmt::Debug for ResultWaiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResultWaiter").field("block", &self.block).finish_non_exhaustive()
    }
}

impl ResultWaiter {
    /// Waits for job `id`'s result and leaves it there for others. `None` when it has not ended within `block`.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn wait(&mut self, id: &str) -> Result<Option<String>, StoreError> {
        let list = self.queue.keys().result(id);
        let reply = redis::cmd("BLMOVE")
            .arg(&list)
            .arg(&list)
            .arg("LEFT")
            .arg("LEFT")
            .arg(self.block.as_secs_f64())
            .query_async(&mut self.connection)
            .await?;
        Ok(reply)
    }

    /// Reads up to `count` ends after `after` (`0` from the oldest, `$` from now), waiting up to `block` for the first.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn ends(
        &mut self,
        after: &str,
        count: usize,
    ) -> Result<Vec<(String, Fields)>, StoreError> {
        let block_ms = usize::try_from(self.block.as_millis()).unwrap_or(usize::MAX);
        let options = StreamReadOptions::default().block(block_ms).count(count);
        let key = self.queue.keys().named("ended");
        let reply: Option<StreamReadReply> =
            self.connection.xread_options(&[key], &[after], &options).await?;
        let entries = reply.into_iter().flat_map(|reply| reply.keys).flat_map(|key| key.ids);
        entries
            .map(|entry| {
                let fields = entry
                    .map
                    .into_iter()
                    .map(|(field, value)| Ok((field, redis::from_redis_value(value)?)))
                    .collect::<Result<Fields, redis::ParsingError>>()
                    .map_err(|error| StoreError::reply("XREAD", error.to_string()))?;
                Ok((entry.id, fields))
            })
            .collect()
    }
}

impl Queue {
    /// Opens a connection for waiting; each wait lasts up to `block`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the server cannot be reached.
    pub async fn result_waiter(&self, block: Duration) -> Result<ResultWaiter, StoreError> {
        let connection = self.redis().blocking(block).await?;
        Ok(ResultWaiter { connection, queue: self.clone(), block })
    }

    /// Returns the results of `ids` that have ended, without waiting; one round trip.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn results(&self, ids: &[String]) -> Result<Vec<Option<String>>, StoreError> {
        let mut connection = self.redis().shared();
        let mut pipeline = redis::pipe();
        for id in ids {
            pipeline.cmd("LINDEX").arg(self.keys().result(id)).arg(0);
        }
        Ok(pipeline.query_async(&mut connection).await?)
    }

    /// Returns the results of `ids` from where they are kept longest: the list, else the record; one
    /// round trip.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn kept_results(&self, ids: &[String]) -> Result<Vec<Option<String>>, StoreError> {
        let mut connection = self.redis().shared();
        let mut pipeline = redis::pipe();
        for id in ids {
            pipeline.cmd("LINDEX").arg(self.keys().result(id)).arg(0);
            pipeline.cmd("HGET").arg(self.keys().meta(id)).arg("result");
        }
        let texts: Vec<Option<String>> = pipeline.query_async(&mut connection).await?;
        let mut texts = texts.into_iter();
        Ok(std::iter::from_fn(|| Some((texts.next()?, texts.next()?)))
            .map(|(listed, recorded)| listed.or(recorded))
            .collect())
    }
}
