//! Waiting for jobs: one reader for each account and process, however many callers wait.
//!
//! A wait subscribes first and looks at the job's record then, so an end between the two is not missed. The reader hears
//! of ends from the stream `ended`, and looks at all jobs again every 5 s. It outlives lost connections and a restarting
//! Redis.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, PoisonError},
};

use antre_core::JobResult;
use antre_store::{Queue, StoreError};
use tokio::sync::watch;

mod reader;

/// Results per round trip.
const PORTION: usize = 200;

/// How a wait ended.
#[derive(Debug, Clone)]
pub(crate) enum Waited {
    /// The job has ended. A duplicate's result has the first one's answer.
    Ended(Arc<JobResult>),
    /// No such job is known, so Redis has lost it.
    Unknown,
}

type Seen = Option<Waited>;

/// The jobs of an account that are waited for.
#[derive(Debug)]
pub(crate) struct Waits {
    queue: Queue,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    jobs: HashMap<String, watch::Sender<Seen>>,
    has_reader: bool,
}

/// One caller's wait for one job. Dropping it ends nothing but this wait.
#[derive(Debug)]
pub(crate) struct Wait {
    waits: Arc<Waits>,
    job: String,
    seen: watch::Receiver<Seen>,
}

impl Waits {
    pub(crate) fn new(queue: Queue) -> Arc<Self> {
        Arc::new(Self { queue, state: Mutex::default() })
    }

    /// Waits for `job` from now on.
    pub(crate) fn subscribe(self: &Arc<Self>, job: &str) -> Wait {
        let mut state = self.state();
        let seen = match state.jobs.entry(job.to_owned()) {
            Entry::Occupied(entry) => entry.get().subscribe(),
            Entry::Vacant(entry) => entry.insert(watch::channel(None).0).subscribe(),
        };
        if !std::mem::replace(&mut state.has_reader, true) {
            tokio::spawn(reader::read(Arc::clone(self)));
        }
        drop(state);
        Wait { waits: Arc::clone(self), job: job.to_owned(), seen }
    }

    /// Tells those who wait for these jobs what has become of them, as far as they have ended or are unknown.
    async fn look(&self, jobs: &[String]) -> Result<(), StoreError> {
        for portion in jobs.chunks(PORTION) {
            // Asked first: a job that ends in between is known and has its result.
            let are_known = self.queue.are_known(portion).await?;
            let results = self.queue.kept_results(portion).await?;
            for ((job, is_known), result) in portion.iter().zip(are_known).zip(results) {
                match result {
                    Some(json) => self.tell(job, self.decode(&json).await?),
                    None if !is_known => self.tell(job, Waited::Unknown),
                    None => {}
                }
            }
        }
        Ok(())
    }

    async fn decode(&self, json: &str) -> Result<Waited, StoreError> {
        let read = |json: &str| {
            serde_json::from_str::<JobResult>(json).map_err(|_error| StoreError::Reply {
                what: "result",
                detail: "it is no result".to_owned(),
            })
        };
        let mut result = read(json)?;
        // Xendit's answer is kept once, with the job that got it.
        if result.response.is_none()
            && let Some(first) = &result.duplicate_of
            && let Some(json) = self.queue.results(&[first.to_string()]).await?.pop().flatten()
        {
            result.response = read(&json)?.response;
        }
        Ok(Waited::Ended(Arc::new(result)))
    }

    /// Returns how a job ended, if it has.
    pub(crate) async fn ended(&self, job: &str) -> Result<Option<Arc<JobResult>>, StoreError> {
        let kept = self.queue.kept_results(&[job.to_owned()]).await?.pop().flatten();
        match kept {
            Some(json) => match self.decode(&json).await? {
                Waited::Ended(result) => Ok(Some(result)),
                Waited::Unknown => Ok(None),
            },
            None => Ok(None),
        }
    }

    fn tell(&self, job: &str, waited: Waited) {
        if let Some(sender) = self.state().jobs.get(job) {
            sender.send_replace(Some(waited));
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wait {
    /// Returns how it ended. Never fails: while Redis cannot be asked, it waits on.
    pub(crate) async fn end(&mut self) -> Waited {
        let job = [self.job.clone()];
        if self.seen.borrow().is_none()
            // Boxed: it is over long before the wait.
            && let Err(error) = Box::pin(self.waits.look(&job)).await
        {
            tracing::debug!(job.id = self.job, %error, "waiting goes on");
        }
        match self.seen.wait_for(Option::is_some).await {
            Ok(seen) => seen.clone().unwrap_or(Waited::Unknown),
            // The sender lives as long as somebody waits.
            Err(_closed) => Waited::Unknown,
        }
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let mut state = self.waits.state();
        if let Entry::Occupied(entry) = state.jobs.entry(std::mem::take(&mut self.job))
            && entry.get().receiver_count() <= 1
        {
            entry.remove();
        }
    }
}
