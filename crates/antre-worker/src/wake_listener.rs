//! The listener: passes wakes from Redis on to the claimers of this process.

use antre_core::backoff::Backoff;
use antre_store::{
    StoreError,
    wake::{Wake, WakeListener},
};
use futures_util::StreamExt;

use crate::servers::Share;

/// Listens for all accounts of a server on one connection; opens another when it is lost.
pub(crate) async fn listen(share: Share) {
    let mut backoff = Backoff::default();
    loop {
        if let Err(error) = hear(&share, &mut backoff).await {
            share.link.wakes.failed_for_all(&error);
        }
        tokio::time::sleep(backoff.next()).await;
    }
}

/// Ends when the connection is lost, or when it may be to another server than the address is by now.
async fn hear(share: &Share, backoff: &mut Backoff) -> Result<(), StoreError> {
    let Share { redis, accounts, link } = share;
    let mut renewals = redis.renewals();
    let mut wakes = WakeListener::subscribe(redis, &share.names()).await?;
    link.wakes.works_for_all();
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
