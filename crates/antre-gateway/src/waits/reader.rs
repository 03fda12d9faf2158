//! The reader of an account's ends.

use std::{sync::Arc, time::Duration};

use antre_core::backoff::Backoff;
use antre_store::{StoreError, results::ResultWaiter};
use tokio::time::{Instant, sleep};

use super::Waits;

/// Entries of the stream of ends per read.
const ENDS_MAX: usize = 500;
/// How long one blocking read lasts.
const BLOCK: Duration = Duration::from_secs(1);
/// The stream tells of every end; looking at all jobs again guards against what was trimmed or lost.
const LOOK_EACH: Duration = Duration::from_secs(5);
const RECONNECT_FIRST: Duration = Duration::from_millis(50);
const RECONNECT_LONGEST: Duration = Duration::from_secs(1);
/// How long a reader stays that nobody needs.
const IDLE_MAX: Duration = Duration::from_secs(30);

/// Reads until nobody has waited for a while.
pub(super) async fn read(waits: Arc<Waits>) {
    let mut reader =
        Reader { waits: &waits, after: None, waiter: None, looked: None, needed: Instant::now() };
    let mut backoff = Backoff::new(RECONNECT_FIRST, RECONNECT_LONGEST);
    while reader.is_needed() {
        match reader.hear().await {
            Ok(()) => backoff.reset(),
            Err(error) => {
                tracing::debug!(%error, "waiting goes on");
                (reader.waiter, reader.looked) = (None, None);
                sleep(backoff.next()).await;
            }
        }
    }
}

struct Reader<'a> {
    waits: &'a Waits,
    /// The last entry read of the stream of ends.
    after: Option<String>,
    waiter: Option<ResultWaiter>,
    /// When all jobs were looked at.
    looked: Option<Instant>,
    /// When somebody waited last.
    needed: Instant,
}

impl Reader<'_> {
    fn is_needed(&mut self) -> bool {
        let mut state = self.waits.state();
        if !state.jobs.is_empty() {
            self.needed = Instant::now();
        }
        let is_needed = self.needed.elapsed() < IDLE_MAX;
        state.has_reader = is_needed;
        is_needed
    }

    /// Tells of what has ended, waiting for a while if nothing has.
    async fn hear(&mut self) -> Result<(), StoreError> {
        let queue = &self.waits.queue;
        if self.after.is_none() {
            let now_ms = queue.redis().time_us().await? / 1000;
            self.after = Some(format!("{}-0", now_ms.saturating_sub(1)));
        }
        if self.looked.is_none_or(|at| at.elapsed() >= LOOK_EACH) {
            let all: Vec<String> = self.waits.state().jobs.keys().cloned().collect();
            self.waits.look(&all).await?;
            self.looked = Some(Instant::now());
        }
        let waiter = match &mut self.waiter {
            Some(open) => open,
            none => none.insert(queue.result_waiter(BLOCK).await?),
        };
        let after = self.after.get_or_insert_with(|| "$".to_owned());
        let ends = waiter.ends(after, ENDS_MAX).await?;
        if let Some(last) = ends.last() {
            after.clone_from(&last.entry);
        }
        let ended: Vec<String> = {
            let state = self.waits.state();
            let jobs = ends.into_iter().map(|ended| ended.job);
            jobs.filter(|job| state.jobs.contains_key(job)).collect()
        };
        self.waits.look(&ended).await
    }
}
