//! Which job is meant: people know it by its id or by the bill's external id.

use antre_core::JobId;
use antre_store::Queue;

/// Returns the id of the job that `name` is the id or the external id of.
///
/// An external id means the job that its bill belongs to now; without a bill the newest dead job of that name.
pub(crate) async fn find(queue: &Queue, name: &str) -> anyhow::Result<String> {
    if name.parse::<JobId>().is_ok() && queue.job(name).await?.is_some() {
        return Ok(name.to_owned());
    }
    if let Some(job) = queue.bill(name).await?.and_then(|bill| bill.job) {
        return Ok(job);
    }
    // What is no valid job has no bill.
    if let Some(job) = queue.dead_with(name).await? {
        return Ok(job);
    }
    let account = queue.account();
    anyhow::bail!(
        "account {account} has no job with the id or external id {name:?}; one that was just enqueued is \
         known once a worker has accepted it. A job that could not be read may be dead without its \
         external id: antre dead list"
    )
}
