//! A worker that dies again and again.

use std::path::PathBuf;
use std::time::Duration;

use antre_testkit::eventually;

use super::BACKLOG;
use crate::neighbours::row::Row;
use crate::neighbours::stage::{Stage, last};

const KILLS: u64 = 4;
/// Its lease, and a little, so that what was lost runs again.
const BETWEEN_KILLS: Duration = Duration::from_millis(9_300);
const IN_FLIGHT: u64 = 3;
const PATIENCE: Duration = Duration::from_secs(20);
const RECOVERY_MAX: Duration = Duration::from_mins(1);
/// Several requests are under way at any time.
const LATENCY: &str = "150-350ms";

pub(super) async fn killed_four_times(binary: PathBuf) -> anyhow::Result<Row> {
    let mut stage = Stage::open(&binary, "auto").await?;
    stage.arena.xendit.set_latency(LATENCY.parse()?);
    let mut worker = stage.employ(stage.arena.worker().await?).await?;
    stage.warm_up(BACKLOG).await?;
    stage.begin();
    for kill in 0..KILLS {
        if kill > 0 {
            last(BETWEEN_KILLS).await;
        }
        let ledger = stage.arena.xendit.ledger();
        let is_busy = async || {
            let totals = ledger.totals();
            totals.requests - totals.finished >= IN_FLIGHT
        };
        eventually(PATIENCE, "requests are under way", is_busy).await?;
        worker.kill()?;
        worker.start()?;
    }
    stage.end();
    let next = stage.next_request(RECOVERY_MAX, |_| true).await;
    stage.close(next, Some(&|_| true)).await
}
