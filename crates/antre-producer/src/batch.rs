//! The progress of a batch.

use std::{fmt, time::Duration};

use antre_core::backoff::Backoff;
use tokio::time::{Instant, sleep};

use crate::{Error, Producer, Result};

const LOOK_FIRST: Duration = Duration::from_millis(100);
const LOOK_LONGEST: Duration = Duration::from_secs(2);

/// How far the jobs of a batch are; those still in the inbox are not counted yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BatchProgress {
    /// Accepted jobs, duplicates and refused ones included.
    pub total: u64,
    /// Jobs with their invoice.
    pub done: u64,
    /// Jobs that wait for a person.
    pub dead: u64,
    /// Jobs that were called off.
    pub cancelled: u64,
    /// Jobs for a bill that has another job, whose result they get when that ends.
    pub duplicates: u64,
}

impl BatchProgress {
    /// Returns how many jobs need nothing more. A duplicate counts at once, although its first job may
    /// still run if that belongs to another batch.
    pub fn settled(&self) -> u64 {
        self.done + self.dead + self.cancelled + self.duplicates
    }
}

impl fmt::Display for BatchProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { total, done, dead, cancelled, duplicates } = self;
        write!(f, "{total} accepted, {done} done, {dead} dead, {cancelled} cancelled, ")?;
        write!(f, "{duplicates} duplicates")
    }
}

impl Producer {
    /// Returns how far the batch is; all zero when no job of it was accepted.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn batch(&self, name: &str) -> Result<BatchProgress> {
        let fields = self.queue().batch(name).await?;
        // A revived job is taken back from `dead`, so a count may be negative for a moment.
        let count = |field: &str| fields.get(field).and_then(|text| text.parse().ok()).unwrap_or(0);
        Ok(BatchProgress {
            total: count("total"),
            done: count("done"),
            dead: count("dead"),
            cancelled: count("cancelled"),
            duplicates: count("duplicates"),
        })
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
            if progress.settled() >= jobs.max(progress.total) {
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
