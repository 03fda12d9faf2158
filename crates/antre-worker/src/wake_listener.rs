//! The listener: passes wakes from Redis on to the claimers of this process.

use std::sync::Arc;

use antre_core::{account::AccountName, backoff::Backoff};
use antre_store::{
    Redis, StoreError,
    wake::{Wake, WakeListener},
};
use futures_util::StreamExt;

use crate::{account::Account, process::Process};

/// Listens for all accounts on one connection; opens another when it is lost.
pub async fn listen(redis: Redis, accounts: Vec<Arc<Account>>, process: Arc<Process>) {
    let names: Vec<AccountName> =
        accounts.iter().map(|account| account.options.name.clone()).collect();
    let mut backoff = Backoff::default();
    loop {
        if let Err(error) = hear(&redis, &names, &accounts, &process, &mut backoff).await {
            process.wakes.failed_for_all(&error);
        }
        tokio::time::sleep(backoff.next()).await;
    }
}

/// Ends when the connection is lost, or when it may be to another server than the address is by now.
async fn hear(
    redis: &Redis,
    names: &[AccountName],
    accounts: &[Arc<Account>],
    process: &Process,
    backoff: &mut Backoff,
) -> Result<(), StoreError> {
    let mut renewals = redis.renewals();
    let mut wakes = WakeListener::subscribe(redis, names).await?;
    process.wakes.works_for_all();
    backoff.reset();
    // What became ready while nobody listened was not heard.
    for account in accounts {
        account.woken.notify_one();
    }
    loop {
        let woken = tokio::select! {
            woken = wakes.next() => woken,
            _ = renewals.changed() => None,
        };
        let Some(Wake { account, worker }) = woken else { return Ok(()) };
        let Some(account) = accounts.get(account) else { continue };
        match worker {
            Some(other) if other != account.worker.name => account.other_woken.notify_one(),
            _ => account.woken.notify_one(),
        }
    }
}
