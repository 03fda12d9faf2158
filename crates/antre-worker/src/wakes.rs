//! The listener: passes wakes from Redis on to the claimers of this process.

use std::sync::Arc;

use antre_protocol::account::AccountName;
use antre_store::{Redis, StoreError, wake::Wakes};
use futures_util::StreamExt;

use crate::{account::Account, outage::Backoff};

/// Listens for all accounts on one connection; opens another when it is lost.
pub async fn listen(redis: Redis, accounts: Vec<Arc<Account>>) {
    let names: Vec<AccountName> =
        accounts.iter().map(|account| account.options.name.clone()).collect();
    let mut backoff = Backoff::default();
    loop {
        let listened = hear(&redis, &names, &accounts, &mut backoff).await;
        if let (Err(error), Some(first)) = (listened, accounts.first()) {
            first.redis_outage.failed(first.name(), &error);
        }
        tokio::time::sleep(backoff.next()).await;
    }
}

async fn hear(
    redis: &Redis,
    names: &[AccountName],
    accounts: &[Arc<Account>],
    backoff: &mut Backoff,
) -> Result<(), StoreError> {
    let mut wakes = Wakes::subscribe(redis, names).await?;
    backoff.reset();
    // What became ready while nobody listened was not heard.
    for account in accounts {
        account.woken.notify_one();
    }
    while let Some(position) = wakes.next().await {
        if let Some(account) = accounts.get(position) {
            account.woken.notify_one();
        }
    }
    Ok(())
}
