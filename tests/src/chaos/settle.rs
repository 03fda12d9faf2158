//! Waiting for the end of everything that is left to do.

use std::time::Duration;

use antre_store::Queue;
use antre_testkit::eventually;
use redis::aio::MultiplexedConnection;

use super::arena::{Arena, figures};

impl Arena {
    /// Waits until every job has ended and every chore is done, the late audits of a quarter of an
    /// hour brought forward.
    ///
    /// # Errors
    /// When something is left over after `limit`; with the last picture.
    pub async fn settle(&self, limit: Duration) -> anyhow::Result<()> {
        self.settle_queue(&self.queue, limit).await?;
        match &self.beside {
            Some(beside) => self.settle_queue(&beside.queue, limit).await,
            None => Ok(()),
        }
    }

    async fn settle_queue(&self, queue: &Queue, limit: Duration) -> anyhow::Result<()> {
        let drained = eventually(limit, "every job ends", async || {
            let status = queue.status().await.map_err(|error| error.to_string())?;
            let left = status.inbox + status.waiting_total() + status.scheduled + status.running;
            if left == 0 { Ok(true) } else { Err(figures(&status)) }
        });
        drained.await?;
        let mut connection = self.redis().await?;
        let done = eventually(limit, "every chore is done", async || {
            hurry_audits(queue, &mut connection).await.map_err(|error| error.to_string())?;
            let status = queue.status().await.map_err(|error| error.to_string())?;
            if status.chores == 0 { Ok(true) } else { Err(figures(&status)) }
        });
        Ok(done.await?)
    }
}

/// Makes every audit that nobody holds due now; the clock itself cannot be hurried.
async fn hurry_audits(queue: &Queue, connection: &mut MultiplexedConnection) -> anyhow::Result<()> {
    let keys = queue.keys();
    let chores: Vec<String> = redis::cmd("ZRANGE")
        .arg(keys.named("chores"))
        .arg(0)
        .arg(-1)
        .query_async(connection)
        .await?;
    let mut pipeline = redis::pipe();
    for chore in chores.iter().filter(|chore| chore.starts_with("audit-")) {
        let record = keys.named(&format!("chore:{chore}"));
        let is_held: bool =
            redis::cmd("HEXISTS").arg(record).arg("fence").query_async(connection).await?;
        if !is_held {
            pipeline.cmd("ZADD").arg(keys.named("chores")).arg("XX").arg("LT").arg(1).arg(chore);
        }
    }
    pipeline.cmd("PUBLISH").arg(keys.wake()).arg("1");
    Ok(pipeline.exec_async(connection).await?)
}
