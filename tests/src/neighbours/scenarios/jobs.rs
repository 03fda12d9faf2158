//! Entries and bills that are nobody's joy, before and among good ones.

use antre_core::state::State;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use antre_store::Redis;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use xendit_sim::{Act, Fault, RequestKind};

use super::BACKLOG;
use crate::chaos::bills::Bill;
use crate::neighbours::fleet::{Fleet, last};
use crate::neighbours::row::Row;

const LASTS: Duration = Duration::from_secs(20);
const RECOVERY_MAX: Duration = Duration::from_secs(75);
const BETWEEN_ENTRIES: Duration = Duration::from_millis(50);
const SEED: u64 = 2026;

async fn two_workers(
    binary: &std::path::Path,
) -> anyhow::Result<(Fleet, [crate::chaos::worker::Worker; 2])> {
    let mut fleet = Fleet::open(binary, "auto").await?;
    let one = fleet.employ(fleet.cluster.worker().await?).await?;
    let other = fleet.employ(fleet.cluster.worker().await?).await?;
    fleet.warm_up(BACKLOG).await?;
    Ok((fleet, [one, other]))
}

pub(super) async fn nobody(binary: PathBuf) -> anyhow::Result<Row> {
    let (mut fleet, _workers) = two_workers(&binary).await?;
    fleet.begin();
    last(LASTS).await;
    fleet.end();
    let next = fleet.next_request(RECOVERY_MAX, |_| true).await;
    fleet.close(next, Some(&|_| true)).await
}

pub(super) async fn three_poisonous(binary: PathBuf) -> anyhow::Result<Row> {
    poisonous(binary, 3).await
}

pub(super) async fn eight_poisonous(binary: PathBuf) -> anyhow::Result<Row> {
    poisonous(binary, 8).await
}

/// The look-ups fail for 20 s, then they are answered; what is left of the bills gets its invoices.
async fn poisonous(binary: PathBuf, count: usize) -> anyhow::Result<Row> {
    let (mut fleet, _workers) = two_workers(&binary).await?;
    fleet.begin();
    let mut fault = Fault::on(RequestKind::List, Act::status(403));
    fault.external_id_prefix = Some("POISON".to_owned());
    fleet.cluster.xendit.add_fault(fault)?;
    let bills: Vec<Bill> = (0..count)
        .map(|number| Bill { check_first: true, ..Bill::new(format!("POISON-{number}")) })
        .collect();
    let ids = fleet.cluster.submit(&bills).await?;
    let submitted = Instant::now();
    let first = ids.first().ok_or_else(|| anyhow::anyhow!("no id"))?;
    fleet
        .cluster
        .until_record(first, "its record names it", |it| it.contains_key("error_code"))
        .await?;
    let named = submitted.elapsed();
    fleet.remarks.push(format!("the job's record names it after {:.1} s", named.as_secs_f64()));
    last(LASTS.saturating_sub(named)).await;
    fleet.cluster.xendit.clear_faults();
    fleet.end();
    let is_poison = |it: &xendit_sim::Arrival| {
        it.external_id.as_deref().is_some_and(|name| name.starts_with("POISON"))
    };
    let next = fleet.next_request(RECOVERY_MAX, is_poison).await;
    fleet.close(next, Some(&|it| !is_poison(it))).await
}

pub(super) async fn random_bytes(binary: PathBuf) -> anyhow::Result<Row> {
    let (mut fleet, _workers) = two_workers(&binary).await?;
    let (mut random, mut ids) = (StdRng::seed_from_u64(SEED), Vec::new());
    let mut connection = fleet.cluster.redis().await?;
    fleet.begin();
    let begun = Instant::now();
    while begun.elapsed() < LASTS {
        let mut entry = redis::cmd("XADD");
        entry.arg(fleet.cluster.queue.keys().inbox()).arg("*").arg(random_entry(&mut random));
        ids.push(entry.query_async::<String>(&mut connection).await?);
        last(BETWEEN_ENTRIES).await;
    }
    fleet.end();
    let next = fleet.next_request(RECOVERY_MAX, |_| true).await;
    let queue = Redis::open(&fleet.cluster.primary.lock().await.url())?.queue("default".parse()?);
    let mut refused = 0;
    for id in &ids {
        let record = queue.job(id).await?;
        refused += usize::from(record.is_some_and(|it| it.state == Some(State::Dead)));
    }
    fleet.remarks.push(format!("{refused} of {} entries are dead jobs that say so", ids.len()));
    fleet.close(next, Some(&|_| true)).await
}

/// Names and values in turn; every other entry has the name that a job has.
fn random_entry(random: &mut StdRng) -> Vec<Vec<u8>> {
    let bytes = |random: &mut StdRng| -> Vec<u8> {
        let length = random.random_range(0..40);
        (0..length).map(|_| random.random()).collect()
    };
    let is_named = random.random_bool(0.5);
    let first = if is_named { b"job".to_vec() } else { bytes(random) };
    let others = random.random_range(0..5) * 2 + 1;
    std::iter::once(first).chain((0..others).map(|_| bytes(random))).collect()
}
