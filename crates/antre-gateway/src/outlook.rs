//! How long a job is thought to wait, and why: the words and arithmetic of `antre status`.

use std::{sync::Arc, time::Duration};

use antre_core::Priority;
use antre_operating::{estimated_wait_behind, obstacles};
use antre_store::{Queue, StoreError, status::Status};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use crate::answer::state_word;

/// How old a status may be: many callers ask at once.
const FRESH: Duration = Duration::from_secs(1);
/// How long a caller is kept for the reason why it is not served.
const ASK_MAX: Duration = Duration::from_secs(1);

/// The account's status, asked for at most once a second.
#[derive(Debug)]
pub(crate) struct Outlook {
    queue: Queue,
    last: Mutex<Option<(Instant, Arc<Status>)>>,
}

/// What is to be expected of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    /// Why it waits.
    pub(crate) reason: String,
    /// Seconds until it is sent; `None` while nobody knows.
    pub(crate) wait_s: Option<u64>,
    /// Whether nothing is sent, for a time that nobody knows.
    pub(crate) is_standstill: bool,
}

impl Expected {
    fn unknown(reason: String) -> Self {
        Self { reason, wait_s: None, is_standstill: false }
    }
}

impl Outlook {
    pub(crate) fn new(queue: Queue) -> Self {
        Self { queue, last: Mutex::default() }
    }

    /// Returns the account's status, a second old at most.
    pub(crate) async fn status(&self) -> Result<Arc<Status>, StoreError> {
        let mut last = self.last.lock().await;
        if let Some((at, status)) = &*last
            && at.elapsed() < FRESH
        {
            return Ok(Arc::clone(status));
        }
        let status = Arc::new(self.queue.status().await?);
        *last = Some((Instant::now(), Arc::clone(&status)));
        Ok(status)
    }

    /// Returns Redis' clock in milliseconds, if it answers.
    pub(crate) async fn now_ms(&self) -> Option<u64> {
        let status = timeout(ASK_MAX, self.status()).await;
        Some(status.ok()?.ok()?.now_ms)
    }

    /// Returns the word for a job's state.
    pub(crate) async fn state(&self, job: &str) -> &'static str {
        let record = timeout(ASK_MAX, self.queue.job(job)).await;
        let state = record.ok().and_then(Result::ok).flatten().and_then(|record| record.state);
        state_word(state)
    }

    /// Returns what is to be expected of a job that has not ended.
    pub(crate) async fn of(&self, job: &str) -> Expected {
        let asked = timeout(ASK_MAX, async {
            let status = self.status().await?;
            let place = self.queue.place(job).await?;
            Ok::<_, StoreError>(expected(&status, place))
        });
        match asked.await {
            Ok(Ok(expected)) => expected,
            Ok(Err(error)) => Expected::unknown(error.to_string()),
            Err(_elapsed) => Expected::unknown("redis does not answer in time".to_owned()),
        }
    }
}

/// `place`: the job's priority and how many of it stand before it; nothing if it does not wait in line.
fn expected(status: &Status, place: Option<(Priority, u64)>) -> Expected {
    let [high, normal, _] = status.waiting;
    let ahead = match place {
        Some((Priority::High, rank)) => rank,
        Some((Priority::Normal, rank)) => rank + high,
        Some((Priority::Low, rank)) => rank + high + normal,
        None => 0,
    };
    let obstacles = obstacles(status);
    let why = obstacles.iter().find(|one| one.is_standstill).or_else(|| obstacles.first());
    let reason = why.map_or_else(
        || format!("{ahead} jobs stand before it, at the account's pace"),
        |why| why.text.clone(),
    );
    let is_standstill = why.is_some_and(|why| why.is_standstill);
    Expected { reason, wait_s: estimated_wait_behind(status, ahead), is_standstill }
}
