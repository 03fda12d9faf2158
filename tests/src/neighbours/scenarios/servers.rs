//! Another server takes over: with old connections alive, unheard of, or behind by seconds.

use std::path::PathBuf;
use std::time::Duration;

use antre_testkit::{AppendFsync, FaultProxy, RedisServer};

use super::BACKLOG;
use crate::chaos::primary::Primary;
use crate::neighbours::fleet::{Fleet, last};
use crate::neighbours::row::Row;

/// So long Sentinel lets the old primary go on.
const UNHEARD: Duration = Duration::from_secs(10);
/// Until a person has changed the address.
const NOTICED: Duration = Duration::from_secs(5);
const GAP: Duration = Duration::from_secs(20);
const GAP_BACKLOG: u64 = 200;
const RECOVERY_MAX: Duration = Duration::from_secs(90);

pub(super) async fn readonly(binary: PathBuf) -> anyhow::Result<Row> {
    let mut fleet = with_replica(binary, "auto").await?;
    let _one = fleet.employ(fleet.cluster.worker().await?).await?;
    let _other = fleet.employ(fleet.cluster.worker().await?).await?;
    fleet.warm_up(BACKLOG).await?;
    fleet.begin();
    promote_replica(&fleet).await?;
    demote_primary(&fleet).await?;
    move_address(&mut *fleet.cluster.primary.lock().await)?;
    fleet.end();
    let next = fleet.next_request(RECOVERY_MAX, |_| true).await;
    last(NOTICED).await;
    fleet.close(next, None).await
}

pub(super) async fn fail_over_auto(binary: PathBuf) -> anyhow::Result<Row> {
    fail_over(binary, "auto").await
}

pub(super) async fn fail_over_local(binary: PathBuf) -> anyhow::Result<Row> {
    fail_over(binary, "local").await
}

/// Workers and producer have the address of the old primary, which goes on for 10 s.
async fn fail_over(binary: PathBuf, durability: &'static str) -> anyhow::Result<Row> {
    let mut fleet = with_replica(binary, durability).await?;
    let _one = fleet.employ(fleet.cluster.worker().await?).await?;
    let _other = fleet.employ(fleet.cluster.worker().await?).await?;
    fleet.warm_up(BACKLOG).await?;
    fleet.begin();
    promote_replica(&fleet).await?;
    last(UNHEARD).await;
    demote_primary(&fleet).await?;
    last(NOTICED).await;
    move_address(&mut *fleet.cluster.primary.lock().await)?;
    fleet.end();
    let next = fleet.next_request(RECOVERY_MAX, |_| true).await;
    fleet.close(next, None).await
}

pub(super) async fn stale_replica(binary: PathBuf) -> anyhow::Result<Row> {
    let mut fleet = Fleet::open(&binary, "local").await?;
    let link = FaultProxy::start(fleet.cluster.primary.lock().await.server.tcp_address()?).await?;
    let replica = RedisServer::builder().append_only(AppendFsync::EverySecond).tcp();
    let replica = replica.replica_of(link.address()).start().await?;
    fleet.cluster.primary.lock().await.replica = Some(replica);
    let _one = fleet.employ(fleet.cluster.worker().await?).await?;
    let _other = fleet.employ(fleet.cluster.worker().await?).await?;
    fleet.warm_up(GAP_BACKLOG).await?;
    fleet.begin();
    link.stall();
    last(GAP).await;
    fleet.cluster.primary.lock().await.fail_over().await?;
    fleet.end();
    let next = fleet.next_request(RECOVERY_MAX, |_| true).await;
    fleet.close(next, None).await
}

async fn with_replica(binary: PathBuf, durability: &'static str) -> anyhow::Result<Fleet> {
    let fleet = Fleet::open(&binary, durability).await?;
    fleet.cluster.primary.lock().await.add_replica().await?;
    Ok(fleet)
}

async fn promote_replica(fleet: &Fleet) -> anyhow::Result<()> {
    let mut primary = fleet.cluster.primary.lock().await;
    let replica = primary.replica.as_mut().ok_or_else(|| anyhow::anyhow!("no replica"))?;
    Ok(replica.promote().await?)
}

/// Makes the old primary a replica of the new one.
async fn demote_primary(fleet: &Fleet) -> anyhow::Result<()> {
    let primary = fleet.cluster.primary.lock().await;
    let replica = primary.replica.as_ref().ok_or_else(|| anyhow::anyhow!("no replica"))?;
    let address = replica.tcp_address()?;
    let mut connection = primary.server.connect().await?;
    let mut command = redis::cmd("REPLICAOF");
    command.arg(address.ip().to_string()).arg(address.port());
    Ok(command.exec_async(&mut connection).await?)
}

/// Lets the address that everybody has lead to the promoted server; connections to the old one stay.
fn move_address(primary: &mut Primary) -> anyhow::Result<()> {
    let path = primary.path();
    let next = path.with_file_name("next");
    let promoted = primary.replica.as_mut().ok_or_else(|| anyhow::anyhow!("no replica"))?;
    std::os::unix::fs::symlink(promoted.socket_path(), &next)?;
    std::fs::rename(next, path)?;
    std::mem::swap(&mut primary.server, promoted);
    Ok(())
}
