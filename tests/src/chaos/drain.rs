//! Waiting for the end of everything that is left to do.

use std::time::Duration;

use antre_store::Queue;
use antre_testkit::eventually;
use redis::aio::MultiplexedConnection;

use super::cluster::{Cluster, figures};

impl Cluster {
    /// Waits until every job has ended and every follow-up is done, the late audits of a quarter of an
    /// hour brought forward.
    ///
    /// # Errors
    /// When something is left over after `limit`; with the last status.
    pub async fn drain(&self, limit: Duration) -> anyhow::Result<()> {
        self.drain_queue(&self.queue, limit).await?;
        match &self.beside {
            Some(beside) => self.drain_queue(&beside.queue, limit).await,
            None => Ok(()),
        }
    }

    async fn drain_queue(&self, queue: &Queue, limit: Duration) -> anyhow::Result<()> {
        let drained = eventually(limit, "every job ends", async || {
            let status = queue.status().await.map_err(|error| error.to_string())?;
            let left = status.inbox + status.waiting_total() + status.scheduled + status.running;
            if left == 0 { Ok(true) } else { Err(figures(&status)) }
        });
        drained.await?;
        let mut connection = self.redis().await?;
        let done = eventually(limit, "every follow-up is done", async || {
            hurry_audits(queue, &mut connection).await.map_err(|error| error.to_string())?;
            let status = queue.status().await.map_err(|error| error.to_string())?;
            if status.follow_ups == 0 { Ok(true) } else { Err(figures(&status)) }
        });
        Ok(done.await?)
    }
}

/// Makes every audit that nobody holds due now; the clock itself cannot be hurried.
async fn hurry_audits(queue: &Queue, connection: &mut MultiplexedConnection) -> anyhow::Result<()> {
    let keys = queue.keys();
    let follow_ups: Vec<String> = redis::cmd("ZRANGE")
        .arg(keys.named("follow_ups"))
        .arg(0)
        .arg(-1)
        .query_async(connection)
        .await?;
    let mut pipeline = redis::pipe();
    for follow_up in follow_ups.iter().filter(|follow_up| follow_up.starts_with("audit-")) {
        let record = keys.named(&format!("follow_up:{follow_up}"));
        let is_held: bool =
            redis::cmd("HEXISTS").arg(record).arg("claim_token").query_async(connection).await?;
        if !is_held {
            pipeline
                .cmd("ZADD")
                .arg(keys.named("follow_ups"))
                .arg("XX")
                .arg("LT")
                .arg(1)
                .arg(follow_up);
        }
    }
    pipeline.cmd("PUBLISH").arg(keys.wake()).arg("*");
    Ok(pipeline.exec_async(connection).await?)
}
