//! Following the samples to their ends, as any program can: by the stream of ends.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use antre_core::job_result::EndState;
use antre_producer::{JobId, Producer};
use antre_store::results::{Ended, ResultWaiter};
use antre_store::{Queue, StoreError};
use serde_json::Value;

use super::samples::Sample;
use crate::Result;

/// Short, because between the waits processes are looked after.
const BLOCK: Duration = Duration::from_millis(200);
const ENDS_MAX: usize = 1_000;
/// How long Redis may keep silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// The end of one job.
#[derive(Debug, Clone, Default)]
pub(super) struct End {
    pub(super) external_id: String,
    pub(super) state: Option<EndState>,
    pub(super) invoice_url: Option<String>,
    pub(super) error_code: Option<String>,
    /// Redis' clock.
    pub(super) ended_ms: i64,
}

/// Reads the ends one after the other.
pub(super) struct Ends {
    queue: Queue,
    waiter: Option<ResultWaiter>,
    after: String,
    answered: Instant,
}

impl Ends {
    /// Reads from the oldest end on.
    pub(super) fn new(queue: &Queue) -> Self {
        let (queue, after) = (queue.clone(), "0".to_owned());
        Self { queue, waiter: None, after, answered: Instant::now() }
    }

    /// Returns what has ended since the last call, after a short wait if nothing has. Bears with a
    /// Redis that does not answer for a while, as one on a busy disk may.
    pub(super) async fn next(&mut self) -> Result<Vec<End>> {
        match self.read().await {
            Ok(ends) => {
                self.answered = Instant::now();
                Ok(ends)
            }
            Err(error) if error.is_passing() && self.answered.elapsed() < PATIENCE => {
                self.waiter = None;
                tokio::time::sleep(BLOCK).await;
                Ok(Vec::new())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn read(&mut self) -> std::result::Result<Vec<End>, StoreError> {
        let waiter = match &mut self.waiter {
            Some(waiter) => waiter,
            none => none.insert(self.queue.result_waiter(BLOCK).await?),
        };
        let entries = waiter.ends(&self.after, ENDS_MAX).await?;
        if let Some(last) = entries.last() {
            self.after.clone_from(&last.entry);
        }
        Ok(entries.into_iter().map(end).collect())
    }
}

fn end(ended: Ended) -> End {
    End {
        external_id: ended.external_id.unwrap_or_default(),
        state: ended.state,
        invoice_url: ended.invoice_url,
        error_code: ended.error.map(|error| error.code),
        ended_ms: ended.entry.parse::<JobId>().map(|entry| entry.unix_ms()).unwrap_or_default(),
    }
}

/// What became of the samples.
#[derive(Debug, Default)]
pub(super) struct Journal {
    /// In the order of submission.
    pub(super) sent: Vec<Sent>,
    /// In the order of their ends.
    pub(super) ends: Vec<End>,
    seen: HashSet<String>,
}

/// A sample and when Redis took it.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) sample: Sample,
    pub(super) submitted_ms: i64,
}

impl Journal {
    /// Enqueues samples.
    pub(super) async fn enqueue(
        &mut self,
        producer: &Producer,
        samples: Vec<Sample>,
    ) -> Result<()> {
        let jobs: Vec<&Value> = samples.iter().map(|sample| &sample.job).collect();
        let ids = producer.enqueue_many(&jobs, |_progress| {}).await?;
        let sent = samples.into_iter().zip(ids);
        self.sent.extend(sent.map(|(sample, id)| Sent { sample, submitted_ms: id.unix_ms() }));
        Ok(())
    }

    /// Notes the end of a sample. A job that is relinked later ends once only.
    pub(super) fn note(&mut self, end: End) {
        if self.seen.insert(end.external_id.clone()) {
            self.ends.push(end);
        }
    }

    /// Returns how many samples have ended.
    pub(super) fn ended(&self) -> usize {
        self.ends.len()
    }
}
