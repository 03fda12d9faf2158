//! Stopping workers in their tracks at random, as a busy machine or a moved virtual one does.

use std::time::{Duration, Instant};

use rand::Rng as _;

use crate::Result;
use crate::guard::{CONTINUE, STOP};
use crate::local_setup::LocalSetup;

const PAUSE_MS: std::ops::Range<u64> = 300..2_000;
const STOPPED_MS: std::ops::Range<u64> = 50..2_500;

/// Who is stopped, and when the next change is due. At most one worker is stopped at a time.
pub(super) struct Faults {
    is_on: bool,
    stopped: Option<usize>,
    due: Instant,
}

impl Faults {
    pub(super) fn new(is_on: bool) -> Self {
        Self { is_on, stopped: None, due: Instant::now() + draw(PAUSE_MS) }
    }

    /// Stops a worker or lets it go on, if it is time for that.
    pub(super) async fn step(&mut self, setup: &mut LocalSetup) -> Result<()> {
        if !self.is_on || Instant::now() < self.due {
            return Ok(());
        }
        if let Some(worker) = self.stopped.take() {
            self.due = Instant::now() + draw(PAUSE_MS);
            return setup.order(worker, CONTINUE).await;
        }
        let worker = rand::rng().random_range(0..setup.worker_count().max(1));
        self.stopped = Some(worker);
        self.due = Instant::now() + draw(STOPPED_MS);
        setup.order(worker, STOP).await
    }

    /// Lets everybody go on.
    pub(super) async fn end(&mut self, setup: &mut LocalSetup) -> Result<()> {
        match self.stopped.take() {
            Some(worker) => setup.order(worker, CONTINUE).await,
            None => Ok(()),
        }
    }
}

fn draw(range_ms: std::ops::Range<u64>) -> Duration {
    Duration::from_millis(rand::rng().random_range(range_ms))
}
