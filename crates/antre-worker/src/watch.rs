//! The watch: does Redis keep its promise, and are jobs sent that could be sent?

use std::{future::pending, sync::Arc, time::Duration};

use antre_core::mode::Mode;
use antre_operating::{STALLED_AFTER, is_stalled};
use antre_store::{StoreError, claim::Durability, server::Server};
use tokio::sync::watch;

use crate::{account::Account, measures, servers::Share};

const PERIOD: Duration = Duration::from_secs(10);
/// How often the server is asked whether it takes writes: without a hint, and while it does not.
const WRITES_PERIOD: Duration = Duration::from_secs(5);
const REFUSED_PERIOD: Duration = Duration::from_secs(1);
const DOUBT_PAUSE: Duration = Duration::from_millis(100);
/// Every how many periods the server is asked about its durability: once a minute.
const SERVER_PERIODS: u32 = 6;
/// How many accounts a process watches in a second at most, so that many do not fill Redis with it.
const WATCHED_IN_A_SECOND: u32 = 30;

/// Watches every 10 s; one of very many accounts more seldom.
pub async fn watch(account: Arc<Account>, accounts: usize) {
    let accounts = u32::try_from(accounts).unwrap_or(u32::MAX);
    let period = PERIOD.max(Duration::from_secs(1) * accounts / WATCHED_IN_A_SECOND);
    let mut periods = 0_u32;
    let mut moves = account.queue.redis().moves();
    loop {
        let has_moved = tokio::select! {
            () = tokio::time::sleep(period.mul_f64(rand::random_range(0.9..1.1))) => false,
            () = moved(&account, &mut moves) => true,
        };
        periods = if has_moved { 0 } else { periods.wrapping_add(1) };
        let looked = match look_for_stall(&account).await {
            Ok(()) if periods.is_multiple_of(SERVER_PERIODS) => check_server(&account).await,
            other => other,
        };
        if let Err(error) = looked {
            account.redis_outage.failed(account.name(), &error);
        }
    }
}

/// Waits until another server of a cluster has the account.
async fn moved(account: &Account, moves: &mut watch::Receiver<u64>) {
    let before = account.queue.redis().server_number();
    while account.queue.redis().server_number() == before {
        if moves.changed().await.is_err() {
            pending::<()>().await;
        }
    }
}

/// Keeps asking whether the server takes this process's writes, and at any hint whether its user may do all that
/// these accounts need: every second while it does not, else now and then.
///
/// A server that lost its role goes on answering, and a worker without work would not notice. Sentinels are asked for the
/// one in charge.
pub(crate) async fn watch_server(share: Share) {
    let accounts = share.names();
    let Share { redis, link, .. } = share;
    let mut doubts = redis.doubts();
    let mut is_in_doubt = true;
    loop {
        doubts.mark_unchanged();
        redis.follow_primary().await;
        let answered =
            if is_in_doubt { redis.can_serve(&accounts).await } else { redis.can_write().await };
        if let Err(error) = answered {
            is_in_doubt = true;
            link.server.failed_for_all(&error);
            tokio::time::sleep(REFUSED_PERIOD).await;
            continue;
        }
        link.server.works_for_all();
        is_in_doubt = tokio::select! {
            _ = doubts.changed() => true,
            () = link.suspected.notified() => true,
            () = tokio::time::sleep(WRITES_PERIOD) => false,
        };
        // Many calls may have met the same.
        tokio::time::sleep(DOUBT_PAUSE).await;
    }
}

/// Says so when work is ready and allowed and nothing was sent for 10 s.
///
/// # Errors
/// Any [`StoreError`].
pub async fn look_for_stall(account: &Account) -> Result<(), StoreError> {
    let status = account.queue.status().await?;
    if is_stalled(&status, STALLED_AFTER) {
        tracing::error!(
            account = account.name(),
            waiting = status.waiting_total(),
            "watchdog: work is ready and allowed, but nothing was sent for 10 s"
        );
        measures::stall(account.name());
    }
    Ok(())
}

/// Stops claiming for a live key while Redis may lose what it acknowledged.
///
/// # Errors
/// Any [`StoreError`].
pub async fn check_server(account: &Account) -> Result<(), StoreError> {
    let server = account.queue.redis().server().await?;
    let faults = server.durability_faults();
    let must_stop = account.mode == Mode::Live && !account.options.accept_volatile_redis;
    let is_durable = faults.is_empty() || !must_stop;
    if account.is_durable() != is_durable || !is_durable {
        tracing::error!(account = account.name(), is_durable, ?faults, "redis' durability");
    }
    account.set_volatility((!is_durable).then(|| volatility(&faults)));
    decide_durability(account, &server).await?;
    note_memory(account, &server);
    Ok(())
}

/// Returns what keeps a live key from being served, in words.
pub fn volatility(faults: &[&str]) -> String {
    format!(
        "redis may lose jobs that it has acknowledged, and the key is live: {}",
        faults.join("; ")
    )
}

/// With a replica, a claim counts once the replica has it, unless somebody wrote down that it need not. The account
/// remembers that: a primary that was cut off from its replicas must not send on by itself.
async fn decide_durability(account: &Account, server: &Server) -> Result<(), StoreError> {
    let has_replica = server.replicas > 0;
    let is_replicated = match account.durability {
        Durability::Replicated => true,
        Durability::Auto => account.queue.note_replica(Some(has_replica)).await?,
        Durability::Local => account.queue.note_replica(None).await?,
    };
    if is_replicated != (account.durability_in_force() == Durability::Replicated) {
        tracing::info!(account = account.name(), is_replicated, "claims are kept by a replica");
    }
    if has_replica && !is_replicated {
        tracing::warn!(
            account = account.name(),
            "durability = \"local\": a claim counts although no replica has it; after a fail-over bills may get a second invoice"
        );
    }
    account.set_replicated(is_replicated);
    Ok(())
}

fn note_memory(account: &Account, server: &Server) {
    let is_short =
        server.memory_max_bytes > 0 && server.memory_used_bytes > server.memory_max_bytes / 10 * 9;
    if is_short {
        tracing::warn!(
            account = account.name(),
            used_bytes = server.memory_used_bytes,
            max_bytes = server.memory_max_bytes,
            "redis' memory is almost full: nothing is accepted or sent when it is"
        );
    }
}

#[cfg(test)]
mod tests;
