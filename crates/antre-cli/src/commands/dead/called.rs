//! Which dead jobs are meant: those that `dead list` shows under a name.

use antre_core::JobId;
use antre_store::Queue;
use antre_store::inspect::JobRecord;

use crate::commands::target;

/// Dead jobs that one round looks at.
const PORTION: usize = 500;

/// Returns the latest dead job of this id or external id, and the older ones.
pub(super) async fn latest(queue: &Queue, name: &str) -> anyhow::Result<(String, Vec<String>)> {
    let mut ids = find(queue, name).await?.into_iter();
    match ids.next() {
        Some(latest) => Ok((latest, ids.collect())),
        None => Err(not_dead(queue, name).await),
    }
}

/// Returns all dead jobs of these ids or external ids, each once.
pub(super) async fn all(queue: &Queue, names: &[String]) -> anyhow::Result<Vec<String>> {
    let mut ids: Vec<String> = Vec::new();
    for name in names {
        let found = find(queue, name).await?;
        if found.is_empty() {
            return Err(not_dead(queue, name).await);
        }
        ids.extend(found.into_iter().filter(|id| !ids.contains(id)).collect::<Vec<_>>());
    }
    Ok(ids)
}

/// Returns the job that has taken the bill over since this one died, if one did.
///
/// A conflict is no correction: there the bill belonged to the other job before.
pub(super) async fn corrected_by(
    queue: &Queue,
    dead: &JobRecord,
) -> anyhow::Result<Option<String>> {
    let Some(external_id) = &dead.external_id else { return Ok(None) };
    if dead.error.code.as_ref().is_some_and(|code| code == "conflict" || code == "invalid") {
        return Ok(None);
    }
    let job = queue.bill(external_id).await?.and_then(|bill| bill.job);
    Ok(job.filter(|job| *job != dead.id))
}

/// Returns the dead jobs that are called so, the latest first.
async fn find(queue: &Queue, name: &str) -> anyhow::Result<Vec<String>> {
    if name.parse::<JobId>().is_ok() && queue.job(name).await?.is_some() {
        return Ok(vec![name.to_owned()]);
    }
    let mut found = Vec::new();
    for offset in (0..).step_by(PORTION) {
        let ids = queue.dead_ids(offset, PORTION).await?;
        if ids.is_empty() {
            break;
        }
        let names = queue.external_ids(&ids).await?;
        let called = ids.into_iter().zip(names).filter(|(_, found)| found.as_deref() == Some(name));
        found.extend(called.map(|(id, _)| id));
    }
    Ok(found)
}

/// Returns the error for a name that no dead job has; the bill may have another job.
async fn not_dead(queue: &Queue, name: &str) -> anyhow::Error {
    let other = match target::find(queue, name).await {
        Ok(id) => queue.job(&id).await.ok().flatten(),
        Err(error) => return error,
    };
    let state = other.as_ref().and_then(|job| job.state);
    let account = queue.account();
    match (&other, state) {
        (Some(job), Some(state)) => {
            anyhow::anyhow!(
                "no dead job of account {account} is called {name:?}: job {} is {state}",
                job.id
            )
        }
        _ => anyhow::anyhow!("no dead job of account {account} is called {name:?}"),
    }
}
