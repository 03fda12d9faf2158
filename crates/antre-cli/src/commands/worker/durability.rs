//! Whether Redis keeps what it acknowledges: asked before the first job is accepted.

use std::time::Duration;

use antre_store::Redis;
use antre_store::server::Server;
use tokio::time::sleep;

use super::strict_accounts;
use crate::config::Config;
use crate::ending::Unusable;

const WAIT_FIRST: Duration = Duration::from_millis(100);
const WAIT_LONGEST: Duration = Duration::from_secs(2);
/// While Redis is away, one line of the log each.
const SAID_EACH: u32 = 15;

/// Waits for Redis, then makes sure that it is durable enough for the configured keys.
///
/// # Errors
/// [`Unusable`] with the lines to add to redis.conf.
pub(super) async fn check(config: &Config, redis: &Redis) -> anyhow::Result<()> {
    let server = await_server(redis).await;
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
         or set accept_volatile_redis = true if losing bills is acceptable",
        strict.join(", "),
        faults.join("\n  "),
    );
    Err(Unusable(message).into())
}

async fn await_server(redis: &Redis) -> Server {
    let mut wait = WAIT_FIRST;
    let mut failures = 0_u32;
    loop {
        match redis.server().await {
            Ok(server) => return server,
            Err(error) if failures.is_multiple_of(SAID_EACH) => {
                tracing::warn!(%error, "redis does not answer yet; trying on");
            }
            Err(_said) => {}
        }
        failures = failures.wrapping_add(1);
        sleep(wait).await;
        wait = (wait * 2).min(WAIT_LONGEST);
    }
}
