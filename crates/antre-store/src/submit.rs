//! Submitting: one `XADD` a job, as any other language does it.

use antre_core::command::Command;
use redis::Value;

use crate::{Queue, StoreError};

impl Queue {
    /// Puts jobs into the inbox in one pipelined round trip and returns their ids, in order.
    /// An id is `None` when nobody serves this account: that job was not taken.
    ///
    /// # Errors
    /// Any [`StoreError`]. Some jobs may have been taken then; submitting them again makes duplicates
    /// that get the first ones' results.
    pub async fn submit(
        &self,
        jobs: &[impl AsRef<[u8]>],
    ) -> Result<Vec<Option<String>>, StoreError> {
        let mut connection = self.redis().calls();
        let inbox = self.keys().inbox();
        let mut pipeline = redis::pipe();
        for job in jobs {
            pipeline
                .cmd("XADD")
                .arg(&inbox)
                .arg("NOMKSTREAM")
                .arg("*")
                .arg("job")
                .arg(job.as_ref());
        }
        let ids: Vec<Value> = pipeline.query_async(&mut connection).await?;
        ids.into_iter()
            .map(|id| {
                redis::from_redis_value(id)
                    .map_err(|_error| StoreError::reply("XADD", "it is no id"))
            })
            .collect()
    }

    /// Puts a cancel or retry into the inbox and returns the entry's id, under which its answer will be; `None` when
    /// nobody serves this account.
    ///
    /// # Errors
    /// Any [`StoreError`]. It may have been taken then; submitting it again is harmless.
    pub async fn submit_command(&self, command: &Command) -> Result<Option<String>, StoreError> {
        let mut connection = self.redis().calls();
        let mut add = redis::cmd("XADD");
        add.arg(self.keys().inbox()).arg("NOMKSTREAM").arg("*");
        add.arg(command.kind.as_str()).arg(command.to_json());
        Ok(add.query_async(&mut connection).await?)
    }

    /// Returns how many submitted jobs are not accepted yet.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn inbox_length(&self) -> Result<u64, StoreError> {
        let mut connection = self.redis().calls();
        Ok(redis::cmd("XLEN").arg(self.keys().inbox()).query_async(&mut connection).await?)
    }
}
