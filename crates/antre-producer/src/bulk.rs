//! Many jobs: in portions, with back-pressure, and with an exact account of the jobs that were sent.

use std::time::Duration;

use antre_core::{JobId, backoff::Backoff};
use antre_store::StoreError;
use tokio::time::{Instant, sleep};

use crate::{
    CheckedJob, Error, Interrupted, InvalidJobs, Producer, Result, ToJob, producer::parse_id,
};

/// Jobs per round trip at most.
const PORTION_JOBS_MAX: usize = 500;
/// Bytes per round trip at most: must pass a slow line within the 2 s that Redis has for an answer.
const PORTION_BYTES_MAX: usize = 1024 * 1024;

const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_LONGEST: Duration = Duration::from_secs(1);
const ROOM_FIRST: Duration = Duration::from_millis(20);
const ROOM_LONGEST: Duration = Duration::from_secs(2);

/// What [`Producer::enqueue_many`] is doing.
#[derive(Debug)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// A portion was taken.
    Sent {
        /// The ids of this portion, in order.
        ids: &'a [JobId],
        /// How many jobs were taken so far, these included.
        total: usize,
    },
    /// The inbox is full: waiting until workers accept some of it. Told at each look.
    Full {
        /// How many jobs it holds.
        inbox: u64,
    },
    /// Redis did not take a portion, or did not say so: it is sent again.
    Retrying {
        /// Why.
        error: &'a StoreError,
        /// After which wait.
        wait: Duration,
    },
}

impl Producer {
    /// Checks all jobs and then sends them, in portions of up to 500. Returns their ids in order.
    ///
    /// Waits while the inbox holds more than [`Options::inbox_max`](crate::Options::inbox_max), for as
    /// long as it takes. A portion that Redis does not take is sent again; if its answer was lost, its
    /// jobs are there twice then, which is harmless: the second ones are duplicates and their ids, the
    /// ones returned, get the first ones' results. Dropping the future stops; `on_progress` has told
    /// every id by then except those of the portion on its way.
    ///
    /// # Errors
    /// [`Error::InvalidJobs`] and [`Error::NotServed`]: nothing was sent. [`Error::Interrupted`]: says
    /// which were.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example(producer: antre_producer::Producer) -> antre_producer::Result<()> {
    /// use antre_producer::{NewJob, Progress};
    /// use serde_json::json;
    ///
    /// let jobs = (1..=40_000)
    ///     .map(|bill| {
    ///         let invoice = json!({"external_id": format!("2026-12-{bill}"), "amount": 350_000});
    ///         Ok(NewJob::new(&invoice)?.batch("2026-12"))
    ///     })
    ///     .collect::<antre_producer::Result<Vec<NewJob>>>()?;
    /// let ids = producer
    ///     .enqueue_many(&jobs, |progress| {
    ///         if let Progress::Sent { total, .. } = progress {
    ///             println!("{total} of {}", jobs.len());
    ///         }
    ///     })
    ///     .await?;
    /// assert_eq!(ids.len(), jobs.len());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn enqueue_many(
        &self,
        jobs: &[impl ToJob],
        on_progress: impl FnMut(Progress<'_>),
    ) -> Result<Vec<JobId>> {
        check_all(jobs)?;
        self.enqueue_each(jobs.iter().map(ToJob::to_job), on_progress).await
    }

    /// Sends jobs as an iterator yields them, as [`Producer::enqueue_many`] does, but without looking at
    /// all of them first: for files too large for memory, which the caller has checked in a first pass.
    ///
    /// # Errors
    /// As [`Producer::enqueue_many`]; the iterator's first error stops it and is the cause.
    pub async fn enqueue_each<E: Into<Error>>(
        &self,
        jobs: impl IntoIterator<Item = std::result::Result<CheckedJob, E>>,
        on_progress: impl FnMut(Progress<'_>),
    ) -> Result<Vec<JobId>> {
        let mut sender = Sender::new(self, on_progress);
        let mut portion = Portion::default();
        for job in jobs {
            let job = match job {
                Ok(job) => job,
                Err(error) => return Err(sender.interrupted(0, error.into())),
            };
            if !portion.has_room_for(&job) {
                sender.send(&portion.take()).await?;
            }
            portion.push(job);
        }
        sender.send(&portion.take()).await?;
        Ok(sender.sent)
    }
}

fn check_all(jobs: &[impl ToJob]) -> Result<()> {
    let mut invalid = InvalidJobs { first: Vec::new(), count: 0 };
    for (position, job) in jobs.iter().enumerate() {
        match job.to_job() {
            Ok(_) => {}
            Err(Error::Invalid(faults)) => {
                invalid.count += 1;
                if invalid.first.len() < InvalidJobs::SHOWN_MAX {
                    invalid.first.push((position, faults));
                }
            }
            Err(other) => return Err(other),
        }
    }
    if invalid.count > 0 { Err(invalid.into()) } else { Ok(()) }
}

/// Jobs that travel together.
#[derive(Default)]
struct Portion {
    jobs: Vec<CheckedJob>,
    bytes: usize,
}

impl Portion {
    fn has_room_for(&self, job: &CheckedJob) -> bool {
        self.jobs.len() < PORTION_JOBS_MAX
            && (self.jobs.is_empty() || self.bytes + job.json().len() <= PORTION_BYTES_MAX)
    }

    fn push(&mut self, job: CheckedJob) {
        self.bytes += job.json().len();
        self.jobs.push(job);
    }

    fn take(&mut self) -> Vec<CheckedJob> {
        self.bytes = 0;
        std::mem::take(&mut self.jobs)
    }
}

struct Sender<'a, F> {
    producer: &'a Producer,
    on_progress: F,
    sent: Vec<JobId>,
    retry: Backoff,
    working_at: Instant,
}

impl<'a, F: FnMut(Progress<'_>)> Sender<'a, F> {
    fn new(producer: &'a Producer, on_progress: F) -> Self {
        let retry = Backoff::new(RETRY_FIRST, RETRY_LONGEST);
        Self { producer, on_progress, sent: Vec::new(), retry, working_at: Instant::now() }
    }

    async fn send(&mut self, portion: &[CheckedJob]) -> Result<()> {
        if portion.is_empty() {
            return Ok(());
        }
        // Time in which the caller made jobs is no failure of Redis.
        self.note_working();
        self.wait_for_room().await?;
        loop {
            match self.producer.queue().submit(portion).await {
                Ok(ids) => return self.note_sent(ids).await,
                Err(error) => self.pause_after(error, portion.len()).await?,
            }
        }
    }

    async fn note_sent(&mut self, ids: Vec<Option<String>>) -> Result<()> {
        let portion = ids.len();
        let taken =
            ids.into_iter().flatten().map(parse_id).collect::<std::result::Result<Vec<_>, _>>();
        let taken = taken.map_err(|error| self.interrupted(portion, error.into()))?;
        if taken.len() < portion {
            // Some were taken if the inbox came or went meanwhile; which ones does not matter to anybody.
            let uncertain = if taken.is_empty() { 0 } else { portion };
            let cause = self.producer.not_served().await;
            return Err(self.interrupted(uncertain, cause));
        }
        self.note_working();
        self.sent.extend_from_slice(&taken);
        (self.on_progress)(Progress::Sent { ids: &taken, total: self.sent.len() });
        Ok(())
    }

    /// Returns once the inbox holds no more than it may.
    async fn wait_for_room(&mut self) -> Result<()> {
        let mut look = Backoff::new(ROOM_FIRST, ROOM_LONGEST);
        loop {
            match self.producer.queue().inbox_length().await {
                Ok(inbox) if inbox <= self.producer.options().inbox_max => return Ok(()),
                Ok(inbox) => {
                    self.note_working();
                    (self.on_progress)(Progress::Full { inbox });
                    sleep(look.next()).await;
                }
                // A producer may be one that can only add; what else is denied, adding will tell.
                Err(StoreError::Denied(_)) => return Ok(()),
                Err(error) => self.pause_after(error, 0).await?,
            }
        }
    }

    fn note_working(&mut self) {
        self.retry.reset();
        self.working_at = Instant::now();
    }

    /// Waits before the next try, or fails when there is no use in one.
    async fn pause_after(&mut self, error: StoreError, uncertain: usize) -> Result<()> {
        // Who may add nothing, or asks a server that cannot, has added nothing.
        let is_refused = matches!(error, StoreError::Denied(_) | StoreError::Unsuitable(_));
        let uncertain = if is_refused { 0 } else { uncertain };
        let wait = self.retry.next();
        let is_patient = self.working_at.elapsed() + wait < self.producer.options().patience;
        if !error.is_passing() || !is_patient {
            return Err(self.interrupted(uncertain, error.into()));
        }
        tracing::debug!(error = %error, wait_ms = wait.as_millis(), "a portion is sent again");
        (self.on_progress)(Progress::Retrying { error: &error, wait });
        sleep(wait).await;
        Ok(())
    }

    fn interrupted(&mut self, uncertain: usize, cause: Error) -> Error {
        if self.sent.is_empty() && uncertain == 0 {
            return cause;
        }
        let sent = std::mem::take(&mut self.sent);
        Error::Interrupted(Box::new(Interrupted { sent, uncertain, cause }))
    }
}
