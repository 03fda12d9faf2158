//! Waiting for one result.

use std::time::Duration;

use antre_core::{JobId, JobResult, backoff::Backoff};
use antre_store::{StoreError, results::ResultWaiter};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::{Error, Producer, Result};

/// How long one blocking read lasts before the job is looked for elsewhere.
const BLOCK: Duration = Duration::from_secs(5);
const RECONNECT_FIRST: Duration = Duration::from_millis(50);
const RECONNECT_LONGEST: Duration = Duration::from_secs(2);

impl Producer {
    /// Waits until a job has ended and returns its result; leaves it there for others.
    ///
    /// A dead or cancelled job has a result as well: look at its `state`. The wait outlives lost
    /// connections and a restarting Redis. It holds a connection of its own: for many jobs at once use
    /// [`Producer::wait_many`].
    ///
    /// # Errors
    /// After `timeout` [`Error::NotEnded`], or [`Error::Store`] if Redis cannot be reached by then;
    /// [`Error::UnknownJob`] at once when no such job is known (any more).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example(producer: antre_producer::Producer) -> antre_producer::Result<()> {
    /// use std::time::Duration;
    ///
    /// use antre_producer::EndState;
    ///
    /// let id = producer.enqueue(r#"{"invoice":{"external_id":"INV-1","amount":350000}}"#).await?;
    /// let result = producer.wait(&id, Duration::from_secs(45)).await?;
    /// match result.state {
    ///     EndState::Done => println!("pay here: {}", result.invoice_url.unwrap_or_default()),
    ///     EndState::Dead | EndState::Cancelled => println!("no invoice: {:?}", result.error),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn wait(&self, id: &JobId, timeout: Duration) -> Result<JobResult> {
        let deadline = Instant::now() + timeout;
        let mut waiter = None;
        let mut reconnect = Backoff::new(RECONNECT_FIRST, RECONNECT_LONGEST);
        let mut trouble = None;
        loop {
            match timeout_at(deadline, self.look(id, &mut waiter)).await {
                Ok(Ok(Some(result))) => return Ok(result),
                Ok(Ok(None)) => {
                    reconnect.reset();
                    trouble = None;
                }
                Ok(Err(Error::Store(error))) if error.is_passing() => {
                    tracing::debug!(job.id = %id, error = %error, "waiting goes on");
                    waiter = None;
                    trouble = Some(error);
                    sleep_until(deadline.min(Instant::now() + reconnect.next())).await;
                }
                Ok(Err(error)) => return Err(error),
                Err(_elapsed) => {}
            }
            if Instant::now() >= deadline {
                let not_ended = Error::NotEnded { id: id.clone(), limit: timeout };
                return Err(trouble.map_or(not_ended, Error::Store));
            }
        }
    }

    /// Looks where results are kept, then blocks for a while.
    async fn look(
        &self,
        id: &JobId,
        waiter: &mut Option<ResultWaiter>,
    ) -> Result<Option<JobResult>> {
        let ids = [id.to_string()];
        // Asked first: a job that ends in between is known and has its result.
        let is_known = self.queue().are_known(&ids).await?.contains(&true);
        if let Some(json) = self.queue().kept_results(&ids).await?.into_iter().flatten().next() {
            return decode(id.as_str(), &json).map(Some);
        }
        if !is_known {
            return Err(Error::UnknownJob { id: id.clone() });
        }
        let json = self.block(id, waiter).await?;
        json.map(|json| decode(id.as_str(), &json)).transpose()
    }

    async fn block(
        &self,
        id: &JobId,
        waiter: &mut Option<ResultWaiter>,
    ) -> std::result::Result<Option<String>, StoreError> {
        let waiter = match waiter {
            Some(open) => open,
            None => waiter.insert(self.queue().result_waiter(BLOCK).await?),
        };
        waiter.wait(id.as_str()).await
    }
}

/// Returns the result in its JSON.
pub(crate) fn decode(id: &str, json: &str) -> Result<JobResult> {
    serde_json::from_str(json)
        .map_err(|source| Error::UnreadableResult { id: id.to_owned(), source })
}
