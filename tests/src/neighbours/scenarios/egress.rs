//! Something between one of two workers and Xendit answers in Xendit's place.

use std::path::PathBuf;
use std::time::Duration;

use xendit_sim::{Act, Fault, RequestKind};

use super::BACKLOG;
use crate::neighbours::fleet::{Fleet, last};
use crate::neighbours::row::Row;

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
    let mut fleet = Fleet::open(&binary, "auto").await?;
    let listener = fleet.cluster.xendit.add_listener().await?;
    let _healthy = fleet.employ(fleet.cluster.worker().await?).await?;
    let _sick = fleet.employ(fleet.cluster.worker_at(listener.address).await?).await?;
    fleet.warm_up(BACKLOG).await?;
    fleet.begin();
    fleet.cluster.xendit.add_fault(fault.at_listener(listener.number))?;
    last(lasts).await;
    fleet.cluster.xendit.clear_faults();
    fleet.end();
    let is_sick =
        |it: &xendit_sim::Arrival| it.listener == listener.number && it.kind == RequestKind::Create;
    let next = fleet.next_request(RECOVERY_MAX, is_sick).await;
    fleet.close(next, Some(&|it| it.listener != listener.number)).await
}

/// Both workers are behind it: whose answer is swapped is chance.
pub(super) async fn mixed_answers(binary: PathBuf) -> anyhow::Result<Row> {
    let mut fleet = Fleet::open(&binary, "auto").await?;
    let _one = fleet.employ(fleet.cluster.worker().await?).await?;
    let _other = fleet.employ(fleet.cluster.worker().await?).await?;
    fleet.warm_up(BACKLOG).await?;
    fleet.begin();
    let mixed = Fault::always(Act::OtherInvoice { external_id: None });
    fleet.cluster.xendit.add_fault(mixed.with_probability(MIXED))?;
    last(LASTS).await;
    fleet.cluster.xendit.clear_faults();
    fleet.end();
    let next = fleet.next_request(RECOVERY_MAX, |_| true).await;
    fleet.close(next, Some(&|_| true)).await
}
