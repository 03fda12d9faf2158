//! A worker that dies again and again.

use std::path::PathBuf;
use std::time::Duration;

use antre_testkit::eventually;

use super::BACKLOG;
use crate::neighbours::fleet::{Fleet, last};
use crate::neighbours::row::Row;

const KILLS: u64 = 4;
/// Its lease, and a little, so that what was lost runs again.
const BETWEEN_KILLS: Duration = Duration::from_millis(9_300);
const IN_FLIGHT: u64 = 3;
const PATIENCE: Duration = Duration::from_secs(20);
const RECOVERY_MAX: Duration = Duration::from_mins(1);
/// Several requests are under way at any time.
const LATENCY: &str = "150-350ms";

pub(super) async fn killed_four_times(binary: PathBuf) -> anyhow::Result<Row> {
    let mut fleet = Fleet::open(&binary, "auto").await?;
    fleet.cluster.xendit.set_latency(LATENCY.parse()?);
    let mut worker = fleet.employ(fleet.cluster.worker().await?).await?;
    fleet.warm_up(BACKLOG).await?;
    fleet.begin();
    for kill in 0..KILLS {
        if kill > 0 {
            last(BETWEEN_KILLS).await;
        }
        let ledger = fleet.cluster.xendit.ledger();
        let is_busy = async || {
            let totals = ledger.totals();
            totals.requests - totals.finished >= IN_FLIGHT
        };
        eventually(PATIENCE, "requests are under way", is_busy).await?;
        worker.kill()?;
        worker.start()?;
    }
    fleet.end();
    let next = fleet.next_request(RECOVERY_MAX, |_| true).await;
    fleet.close(next, Some(&|_| true)).await
}
