//! The start: waits for a Redis that takes all that a worker asks, and puts the settings in force.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use antre_core::{account::AccountName, backoff::Backoff};
use antre_store::{Redis, StoreError, server::Server};

use crate::{WorkerError, account::Account, heartbeat::tell_trouble, servers, watch};

/// A replica that hears its primary for so long is no fail-over under way, but a wrong address. A node of a cluster
/// that is down for so long has not just been started.
const WRONG_SERVER_PATIENCE: Duration = Duration::from_secs(15);

/// Waits until Redis takes everything that a worker of these accounts asks.
///
/// # Errors
/// [`WorkerError::Server`] when waiting is of no use.
pub(crate) async fn await_redis(
    redis: &Redis,
    names: &[AccountName],
    accounts: &[Arc<Account>],
) -> Result<Server, WorkerError> {
    let mut backoff = Backoff::default();
    let mut wrong_since = None;
    loop {
        let error = match look(redis, names).await {
            Ok(server) => {
                for account in accounts {
                    account.link().server.works_for_all();
                }
                return Ok(server);
            }
            Err(error @ StoreError::Unsuitable(_)) => return Err(WorkerError::Server(error)),
            Err(error) => error,
        };
        servers::note_failure(accounts, &error);
        if (error.is_of_cluster() && !redis.is_cluster()) || is_steady_replica(redis, &error).await
        {
            let since = *wrong_since.get_or_insert_with(Instant::now);
            if since.elapsed() >= WRONG_SERVER_PATIENCE {
                return Err(WorkerError::Server(error));
            }
        } else {
            wrong_since = None;
        }
        for account in accounts {
            tell_trouble(account).await;
        }
        tokio::time::sleep(backoff.next()).await;
    }
}

async fn look(redis: &Redis, names: &[AccountName]) -> Result<Server, StoreError> {
    if let Err(error) = redis.can_serve(names).await {
        return Err(redis.look_closer(error).await);
    }
    let server = redis.server().await?;
    server.check_kind()?;
    Ok(server)
}

async fn is_steady_replica(redis: &Redis, error: &StoreError) -> bool {
    matches!(error, StoreError::ReadOnly(_))
        && redis.server().await.is_ok_and(|server| server.is_steady_replica)
}

/// Configures the account, as soon as Redis is there.
pub(crate) async fn configure(account: &Account) -> Result<(), WorkerError> {
    let mut backoff = Backoff::default();
    loop {
        let configured = async {
            account.configure(false).await?;
            if account.queue.stopped_clock_us().await?.is_some() {
                tracing::warn!(
                    account = account.name(),
                    "the account's clock is stopped (key `clock`): a drill"
                );
            }
            watch::check_server(account).await
        };
        match configured.await {
            Ok(()) => {
                account.redis_outage.works(account.name());
                return Ok(());
            }
            Err(source @ StoreError::OtherFormat { .. }) => {
                return Err(WorkerError::Format { account: account.name().to_owned(), source });
            }
            Err(error) => account.redis_outage.failed(account.name(), &error),
        }
        tell_trouble(account).await;
        tokio::time::sleep(backoff.next()).await;
    }
}
