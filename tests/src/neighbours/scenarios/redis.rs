//! Redis refuses the workers for a while; their connections stay, or are opened anew in vain.

use std::path::PathBuf;
use std::time::Duration;

use redis::Cmd;

use super::BACKLOG;
use crate::chaos::worker::Worker;
use crate::neighbours::fleet::{Fleet, last};
use crate::neighbours::row::Row;

const LASTS: Duration = Duration::from_secs(8);
const RECOVERY_MAX: Duration = Duration::from_mins(1);

pub(super) async fn password(binary: PathBuf) -> anyhow::Result<Row> {
    let wrong = ["ACL SETUSER antre resetpass >wrong", "CLIENT KILL USER antre"];
    refused(binary, &wrong, "ACL SETUSER antre resetpass >right").await
}

pub(super) async fn rights(binary: PathBuf) -> anyhow::Result<Row> {
    refused(binary, &["ACL SETUSER antre -@all"], "ACL SETUSER antre +@all").await
}

async fn refused(binary: PathBuf, begin: &[&str], end: &str) -> anyhow::Result<Row> {
    let mut fleet = Fleet::open(&binary, "auto").await?;
    tell(&fleet, "ACL SETUSER antre on >right ~* &* +@all").await?;
    let _one = fleet.employ(as_user(fleet.cluster.worker().await?)).await?;
    let _other = fleet.employ(as_user(fleet.cluster.worker().await?)).await?;
    fleet.warm_up(BACKLOG).await?;
    fleet.begin();
    for command in begin {
        tell(&fleet, command).await?;
    }
    last(LASTS).await;
    tell(&fleet, end).await?;
    fleet.end();
    let next = fleet.next_request(RECOVERY_MAX, |_| true).await;
    fleet.close(next, None).await
}

fn as_user(mut worker: Worker) -> Worker {
    let url = format!("redis://antre:right@{}", worker.redis_link.address());
    worker.variables.push(("ANTRE_REDIS_URL", url));
    worker
}

async fn tell(fleet: &Fleet, command: &str) -> anyhow::Result<()> {
    let words: Vec<&str> = command.split(' ').collect();
    Ok(Cmd::new().arg(&words).exec_async(&mut fleet.cluster.redis().await?).await?)
}
