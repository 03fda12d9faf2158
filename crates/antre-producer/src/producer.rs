//! The handle on one account's queue, and one job at a time.

use std::time::Duration;

use antre_core::{AccountName, JobId};
use antre_store::{Queue, Redis, StoreError};

use crate::{Error, Result, ToJob};

/// How many jobs may be sent ahead of the workers, and how long to bear with a Redis that fails.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// How many jobs the inbox may hold before [`Producer::enqueue_many`] waits for workers to accept some.
    ///
    /// Bounds Redis' memory, not the backlog: accepted jobs wait elsewhere. Defaults to 50,000.
    pub inbox_max: u64,
    /// How long [`Producer::enqueue_many`] repeats a portion that Redis does not take before it stops.
    ///
    /// Counts from the last success. Defaults to 60 s.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { inbox_max: 50_000, patience: Duration::from_mins(1) }
    }
}

/// Puts jobs into one account's queue. Cheap to clone; clones share the connection.
#[derive(Debug, Clone)]
pub struct Producer {
    queue: Queue,
    options: Options,
}

impl Producer {
    /// Connects and makes sure that the server answers.
    ///
    /// The account need not be served yet; [`Producer::enqueue`] says so.
    ///
    /// # Errors
    /// [`Error::Store`] when the address is no Redis URL or the server does not answer within 2 s.
    pub async fn connect(redis_url: &str, account: AccountName) -> Result<Self> {
        let redis = Redis::open(redis_url)?;
        redis.ping().await?;
        Ok(Self::new(redis.queue(account)))
    }

    /// Uses a queue that is open already; sends nothing.
    pub fn new(queue: Queue) -> Self {
        Self { queue, options: Options::default() }
    }

    /// Replaces the options.
    #[must_use]
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Returns the queue below, for what this crate does not do.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// Checks a job and sends it. Once this returns the id, the job is taken: it ends as done, dead or
    /// cancelled whatever crashes, as far as Redis keeps its data.
    ///
    /// # Errors
    /// [`Error::Invalid`] and [`Error::NotServed`]: nothing was sent. [`Error::Store`]: it may have been
    /// taken; sending it again is safe, because a duplicate gets the first one's result.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example(producer: antre_producer::Producer) -> antre_producer::Result<()> {
    /// let json = r#"{"invoice":{"external_id":"INV-1","amount":350000}}"#;
    /// let id = producer.enqueue(json).await?;
    /// println!("{id}");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn enqueue(&self, job: &(impl ToJob + ?Sized)) -> Result<JobId> {
        let job = job.to_job()?;
        let ids = self.queue.submit(&[job]).await?;
        match ids.into_iter().next().flatten() {
            Some(id) => Ok(parse_id(id)?),
            None => Err(self.not_served().await),
        }
    }

    /// Returns the error for an account without an inbox, naming those that have one.
    pub(crate) async fn not_served(&self) -> Error {
        // A message with fewer names is better than another error in its place.
        let known = self.queue.redis().accounts().await.unwrap_or_default();
        Error::NotServed { account: self.queue.account().clone(), known }
    }
}

pub(crate) fn parse_id(text: String) -> std::result::Result<JobId, StoreError> {
    JobId::try_from(text)
        .map_err(|error| StoreError::Reply { what: "XADD", detail: error.to_string() })
}
