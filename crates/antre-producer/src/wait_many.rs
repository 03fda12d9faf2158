//! Waiting for many results on one connection.

use std::{collections::HashSet, time::Duration};

use antre_core::{JobId, JobResult, backoff::Backoff};
use antre_store::results::ResultWaiter;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::{Error, Producer, Result, wait::decode};

/// Results per round trip.
const PORTION: usize = 200;
/// Entries of the stream of ends per read.
const ENDS_MAX: usize = 500;
const BLOCK: Duration = Duration::from_secs(2);
/// The stream tells of every end; looking at all jobs again guards against what was trimmed or lost.
const LOOK_FIRST: Duration = Duration::from_secs(5);
const LOOK_LONGEST: Duration = Duration::from_mins(1);
const RECONNECT_FIRST: Duration = Duration::from_millis(50);
const RECONNECT_LONGEST: Duration = Duration::from_secs(2);

/// The jobs whose results did not come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unfinished {
    /// They had not ended in time.
    pub late: Vec<JobId>,
    /// No such job is known (any more).
    pub unknown: Vec<JobId>,
}

impl Unfinished {
    /// Returns whether every job's result came.
    pub fn is_empty(&self) -> bool {
        self.late.is_empty() && self.unknown.is_empty()
    }
}

impl Producer {
    /// Waits until all jobs have ended or `timeout` is over; hands each result out once, as it comes.
    /// Returns the jobs whose results did not come.
    ///
    /// A job that is dead and later revived by a person is handed out as dead. Outlives lost
    /// connections and a restarting Redis.
    ///
    /// # Errors
    /// [`Error::UnreadableResult`]; [`Error::Store`] when Redis refuses for good.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example(
    /// #     producer: antre_producer::Producer, ids: Vec<antre_producer::JobId>,
    /// # ) -> antre_producer::Result<()> {
    /// use std::time::Duration;
    ///
    /// let unfinished = producer
    ///     .wait_many(&ids, Duration::from_secs(3600), |result| {
    ///         println!("{:?} {}: {:?}", result.external_id, result.state, result.invoice_url);
    ///     })
    ///     .await?;
    /// assert!(unfinished.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn wait_many(
        &self,
        ids: &[JobId],
        timeout: Duration,
        on_end: impl FnMut(JobResult),
    ) -> Result<Unfinished> {
        let deadline = Instant::now() + timeout;
        let mut watch = Watch::new(self, ids, on_end);
        let mut reconnect = Backoff::new(RECONNECT_FIRST, RECONNECT_LONGEST);
        while !watch.pending.is_empty() {
            match timeout_at(deadline, watch.look()).await {
                Ok(Ok(())) => reconnect.reset(),
                Ok(Err(Error::Store(error))) if error.is_passing() => {
                    tracing::debug!(error = %error, "waiting goes on");
                    watch.waiter = None;
                    watch.look_at = None;
                    sleep_until(deadline.min(Instant::now() + reconnect.next())).await;
                }
                Ok(Err(error)) => return Err(error),
                Err(_elapsed) => {}
            }
            if Instant::now() >= deadline {
                break;
            }
        }
        Ok(watch.unfinished(ids))
    }
}

struct Watch<'a, F> {
    producer: &'a Producer,
    on_end: F,
    pending: HashSet<String>,
    unknown: HashSet<String>,
    /// The last entry read of the stream of ends.
    after: Option<String>,
    waiter: Option<ResultWaiter>,
    /// When to look at all pending jobs again; at once if absent.
    look_at: Option<Instant>,
    look: Backoff,
}

impl<'a, F: FnMut(JobResult)> Watch<'a, F> {
    fn new(producer: &'a Producer, ids: &[JobId], on_end: F) -> Self {
        Self {
            producer,
            on_end,
            pending: ids.iter().map(JobId::to_string).collect(),
            unknown: HashSet::new(),
            after: None,
            waiter: None,
            look_at: None,
            look: Backoff::new(LOOK_FIRST, LOOK_LONGEST),
        }
    }

    /// Hands out what has ended, waiting for a while if nothing has.
    async fn look(&mut self) -> Result<()> {
        // Before the first look, so that no end falls between it and the reading of the stream.
        if self.after.is_none() {
            let now_ms = self.producer.queue().redis().time_us().await? / 1000;
            self.after = Some(format!("{}-0", now_ms.saturating_sub(1)));
        }
        if self.look_at.is_none_or(|instant| instant <= Instant::now()) {
            self.look_at_all().await?;
            self.look_at = Some(Instant::now() + self.look.next());
            return Ok(());
        }
        let ended = self.read_ends().await?;
        self.hand_out(&ended).await.map(drop)
    }

    async fn look_at_all(&mut self) -> Result<()> {
        let all: Vec<String> = self.pending.iter().cloned().collect();
        for portion in all.chunks(PORTION) {
            // Asked first: a job that ends in between is known and has its result.
            let are_known = self.producer.queue().are_known(portion).await?;
            let open = self.hand_out(portion).await?;
            let known = portion.iter().zip(are_known);
            let unknown = known.filter(|(id, is_known)| !is_known && open.contains(*id));
            for (id, _) in unknown {
                self.pending.remove(id);
                self.unknown.insert(id.clone());
            }
        }
        Ok(())
    }

    /// Waits for ends. Returns those that are waited for.
    async fn read_ends(&mut self) -> Result<Vec<String>> {
        let waiter = match &mut self.waiter {
            Some(open) => open,
            none => none.insert(self.producer.queue().result_waiter(BLOCK).await?),
        };
        let after = self.after.get_or_insert_with(|| "$".to_owned());
        let ends = waiter.ends(after, ENDS_MAX).await?;
        if let Some(last) = ends.last() {
            after.clone_from(&last.entry);
        }
        let jobs = ends.into_iter().map(|ended| ended.job);
        Ok(jobs.filter(|job| self.pending.contains(job)).collect())
    }

    /// Hands out the results that are there. Returns the ids without one.
    async fn hand_out(&mut self, ids: &[String]) -> Result<HashSet<String>> {
        let mut open = HashSet::new();
        for portion in ids.chunks(PORTION) {
            let results = self.producer.queue().kept_results(portion).await?;
            for (id, json) in portion.iter().zip(results) {
                let Some(json) = json else {
                    open.insert(id.clone());
                    continue;
                };
                let result = decode(id, &json)?;
                if self.pending.remove(id) {
                    (self.on_end)(result);
                }
            }
        }
        Ok(open)
    }

    fn unfinished(&self, ids: &[JobId]) -> Unfinished {
        let those_in = |set: &HashSet<String>| {
            ids.iter().filter(|id| set.contains(id.as_str())).cloned().collect()
        };
        Unfinished { late: those_in(&self.pending), unknown: those_in(&self.unknown) }
    }
}
