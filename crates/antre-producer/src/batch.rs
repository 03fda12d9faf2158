//! The progress of a batch.

use std::time::Duration;

use antre_core::backoff::Backoff;
pub use antre_store::inspect::BatchProgress;
use tokio::time::{Instant, sleep};

use crate::{Error, Producer, Result};

const LOOK_FIRST: Duration = Duration::from_millis(100);
const LOOK_LONGEST: Duration = Duration::from_secs(2);

impl Producer {
    /// Returns how far the batch is; all zero when no job of it was accepted.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn batch(&self, name: &str) -> Result<BatchProgress> {
        Ok(self.queue().batch(name).await?)
    }

    /// Waits until `jobs` jobs of the batch, and all that were accepted, need nothing more.
    ///
    /// `on_progress` is told each change. Outlives lost connections and a restarting Redis.
    ///
    /// # Errors
    /// [`Error::BatchNotEnded`] after `timeout`; [`Error::Store`] when Redis refuses for good.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example(producer: antre_producer::Producer) -> antre_producer::Result<()> {
    /// use std::time::Duration;
    ///
    /// let progress = producer
    ///     .wait_batch("2026-12", 40_000, Duration::from_secs(8 * 3600), |progress| {
    ///         println!("{progress}");
    ///     })
    ///     .await?;
    /// println!("{} links, {} to look at", progress.done, progress.dead);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn wait_batch(
        &self,
        name: &str,
        jobs: u64,
        timeout: Duration,
        mut on_progress: impl FnMut(&BatchProgress),
    ) -> Result<BatchProgress> {
        let deadline = Instant::now() + timeout;
        let mut look = Backoff::new(LOOK_FIRST, LOOK_LONGEST);
        let mut progress = BatchProgress::default();
        loop {
            match self.batch(name).await {
                Ok(now) if now != progress => {
                    progress = now;
                    on_progress(&progress);
                    look.reset();
                }
                Ok(_unchanged) => {}
                Err(Error::Store(error)) if error.is_passing() => {
                    tracing::debug!(batch = name, error = %error, "waiting goes on");
                }
                Err(error) => return Err(error),
            }
            if progress.ended() >= jobs.max(progress.total) {
                return Ok(progress);
            }
            let left = deadline.duration_since(Instant::now());
            if left.is_zero() {
                let name = name.to_owned();
                return Err(Error::BatchNotEnded { name, limit: timeout, progress });
            }
            sleep(look.next().min(left)).await;
        }
    }
}
