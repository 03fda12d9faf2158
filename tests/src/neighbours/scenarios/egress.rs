//! Something between one of two workers and Xendit answers in Xendit's place.

use std::path::PathBuf;
use std::time::Duration;

use xendit_sim::{Act, Fault, RequestKind};

use super::BACKLOG;
use crate::neighbours::row::Row;
use crate::neighbours::stage::{Stage, last};

const LASTS: Duration = Duration::from_secs(20);
/// Twice as long as a request waits for its answer.
const SILENCE_LASTS: Duration = Duration::from_secs(30);
const HANG_MS: u64 = 60_000;
/// Probes are up to a minute apart.
const RECOVERY_MAX: Duration = Duration::from_secs(75);
const MIXED: f64 = 0.05;

pub(super) async fn bad_gateway(binary: PathBuf) -> anyhow::Result<Row> {
    one_behind(binary, Fault::always(Act::status(502)), LASTS).await
}

pub(super) async fn bad_gateway_for_creates(binary: PathBuf) -> anyhow::Result<Row> {
    one_behind(binary, Fault::on(RequestKind::Create, Act::status(502)), LASTS).await
}

pub(super) async fn silence(binary: PathBuf) -> anyhow::Result<Row> {
    one_behind(binary, Fault::always(Act::Hang { max_ms: HANG_MS }), SILENCE_LASTS).await
}

pub(super) async fn lying_429(binary: PathBuf) -> anyhow::Result<Row> {
    let headers = [("retry-after".to_owned(), Some("1".to_owned()))].into();
    let act = Act::Status { status: 429, body: None, headers };
    one_behind(binary, Fault::on(RequestKind::Create, act).after_creation(), LASTS).await
}

async fn one_behind(binary: PathBuf, fault: Fault, lasts: Duration) -> anyhow::Result<Row> {
    let mut stage = Stage::open(&binary, "auto").await?;
    let listener = stage.arena.xendit.add_listener().await?;
    let _healthy = stage.employ(stage.arena.worker().await?).await?;
    let _sick = stage.employ(stage.arena.worker_at(listener.address).await?).await?;
    stage.warm_up(BACKLOG).await?;
    stage.begin();
    stage.arena.xendit.add_fault(fault.at_listener(listener.number))?;
    last(lasts).await;
    stage.arena.xendit.clear_faults();
    stage.end();
    let is_sick =
        |it: &xendit_sim::Arrival| it.listener == listener.number && it.kind == RequestKind::Create;
    let next = stage.next_request(RECOVERY_MAX, is_sick).await;
    stage.close(next, Some(&|it| it.listener != listener.number)).await
}

/// Both workers are behind it: whose answer is swapped is chance.
pub(super) async fn mixed_answers(binary: PathBuf) -> anyhow::Result<Row> {
    let mut stage = Stage::open(&binary, "auto").await?;
    let _one = stage.employ(stage.arena.worker().await?).await?;
    let _other = stage.employ(stage.arena.worker().await?).await?;
    stage.warm_up(BACKLOG).await?;
    stage.begin();
    let mixed = Fault::always(Act::OtherInvoice { external_id: None });
    stage.arena.xendit.add_fault(mixed.with_probability(MIXED))?;
    last(LASTS).await;
    stage.arena.xendit.clear_faults();
    stage.end();
    let next = stage.next_request(RECOVERY_MAX, |_| true).await;
    stage.close(next, Some(&|_| true)).await
}
