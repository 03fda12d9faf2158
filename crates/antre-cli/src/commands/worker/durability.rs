//! Before the first job is accepted: does Redis keep the writes that it acknowledges?

use antre_worker::Worker;

use super::strict_accounts;
use crate::config::Config;
use crate::exit_status::Unusable;

/// Waits for Redis, then makes sure that it is durable enough for the configured keys.
///
/// # Errors
/// [`Unusable`] with the lines to add to redis.conf; what the worker says of a server that will not do.
pub(super) async fn check(config: &Config, worker: &Worker) -> anyhow::Result<()> {
    let server = worker.await_redis().await?;
    let faults = server.durability_faults();
    if faults.is_empty() {
        return Ok(());
    }
    let strict = strict_accounts(config);
    if strict.is_empty() {
        tracing::warn!(?faults, "this redis may lose jobs that it has acknowledged");
        return Ok(());
    }
    let message = format!(
        "redis may lose jobs that it has acknowledged, and account {} has a live key:\n  {}\n\
         or set accept_volatile_redis = true if you know that it keeps them, or if losing bills is acceptable",
        strict.join(", "),
        faults.join("\n  "),
    );
    Err(Unusable(message).into())
}
