//! Another server takes over: with old connections alive, unheard of, or behind by seconds.

use std::path::PathBuf;
use std::time::Duration;

use antre_testkit::{AppendFsync, FaultProxy, RedisServer};

use super::BACKLOG;
use crate::chaos::primary::Primary;
use crate::neighbours::row::Row;
use crate::neighbours::stage::{Stage, last};

/// So long Sentinel lets the old primary go on.
const UNHEARD: Duration = Duration::from_secs(10);
/// Until a person has changed the address.
const NOTICED: Duration = Duration::from_secs(5);
const GAP: Duration = Duration::from_secs(20);
const GAP_BACKLOG: u64 = 200;
const RECOVERY_MAX: Duration = Duration::from_secs(90);

pub(super) async fn readonly(binary: PathBuf) -> anyhow::Result<Row> {
    let mut stage = with_replica(binary, "auto").await?;
    let _one = stage.employ(stage.arena.worker().await?).await?;
    let _other = stage.employ(stage.arena.worker().await?).await?;
    stage.warm_up(BACKLOG).await?;
    stage.begin();
    promote_replica(&stage).await?;
    demote_primary(&stage).await?;
    move_address(&mut *stage.arena.primary.lock().await)?;
    stage.end();
    let next = stage.next_request(RECOVERY_MAX, |_| true).await;
    last(NOTICED).await;
    stage.close(next, None).await
}

pub(super) async fn fail_over_auto(binary: PathBuf) -> anyhow::Result<Row> {
    fail_over(binary, "auto").await
}

pub(super) async fn fail_over_local(binary: PathBuf) -> anyhow::Result<Row> {
    fail_over(binary, "local").await
}

/// Workers and producer have the address of the old primary, which goes on for 10 s.
async fn fail_over(binary: PathBuf, durability: &'static str) -> anyhow::Result<Row> {
    let mut stage = with_replica(binary, durability).await?;
    let _one = stage.employ(stage.arena.worker().await?).await?;
    let _other = stage.employ(stage.arena.worker().await?).await?;
    stage.warm_up(BACKLOG).await?;
    stage.begin();
    promote_replica(&stage).await?;
    last(UNHEARD).await;
    demote_primary(&stage).await?;
    last(NOTICED).await;
    move_address(&mut *stage.arena.primary.lock().await)?;
    stage.end();
    let next = stage.next_request(RECOVERY_MAX, |_| true).await;
    stage.close(next, None).await
}

pub(super) async fn stale_replica(binary: PathBuf) -> anyhow::Result<Row> {
    let mut stage = Stage::open(&binary, "local").await?;
    let link = FaultProxy::start(stage.arena.primary.lock().await.server.tcp_address()?).await?;
    let replica = RedisServer::builder().append_only(AppendFsync::EverySecond).tcp();
    let replica = replica.replica_of(link.address()).start().await?;
    stage.arena.primary.lock().await.replica = Some(replica);
    let _one = stage.employ(stage.arena.worker().await?).await?;
    let _other = stage.employ(stage.arena.worker().await?).await?;
    stage.warm_up(GAP_BACKLOG).await?;
    stage.begin();
    link.stall();
    last(GAP).await;
    stage.arena.primary.lock().await.fail_over().await?;
    stage.end();
    let next = stage.next_request(RECOVERY_MAX, |_| true).await;
    stage.close(next, None).await
}

async fn with_replica(binary: PathBuf, durability: &'static str) -> anyhow::Result<Stage> {
    let stage = Stage::open(&binary, durability).await?;
    stage.arena.primary.lock().await.add_replica().await?;
    Ok(stage)
}

async fn promote_replica(stage: &Stage) -> anyhow::Result<()> {
    let mut primary = stage.arena.primary.lock().await;
    let replica = primary.replica.as_mut().ok_or_else(|| anyhow::anyhow!("no replica"))?;
    Ok(replica.promote().await?)
}

/// Makes the old primary a replica of the new one.
async fn demote_primary(stage: &Stage) -> anyhow::Result<()> {
    let primary = stage.arena.primary.lock().await;
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
