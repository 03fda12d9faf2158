//! The services that work for all accounts of a server at once: for each server of a cluster, and anew when an account
//! has moved to another one.

use std::{future::pending, sync::Arc};

use antre_core::{account::AccountName, backoff::Backoff};
use antre_store::{Redis, StoreError};
use tokio::task::JoinSet;

use crate::{account::Account, link::Link};

/// A server, the accounts that it has, and what is known of it.
#[derive(Debug)]
pub(crate) struct Share {
    pub(crate) redis: Redis,
    pub(crate) accounts: Vec<Arc<Account>>,
    pub(crate) link: Arc<Link>,
}

impl Share {
    pub(crate) fn names(&self) -> Vec<AccountName> {
        self.accounts.iter().map(|account| account.options.name.clone()).collect()
    }
}

/// Runs a service once for each server, until it is dropped.
pub(crate) async fn for_each<F>(
    redis: Redis,
    accounts: Vec<Arc<Account>>,
    service: impl Fn(Share) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut moves = redis.moves();
    let mut backoff = Backoff::default();
    loop {
        moves.mark_unchanged();
        match shares(&redis, &accounts).await {
            Ok(shares) => {
                let mut services = JoinSet::new();
                for share in shares {
                    services.spawn(service(share));
                }
                if moves.changed().await.is_err() {
                    // A server of its own: nothing ever moves.
                    pending::<()>().await;
                }
                services.shutdown().await;
            }
            Err(error) => {
                note_failure(&accounts, &error);
                tokio::time::sleep(backoff.next()).await;
            }
        }
    }
}

/// Notes that nothing is known of any server but this error.
pub(crate) fn note_failure(accounts: &[Arc<Account>], error: &StoreError) {
    for account in accounts {
        account.link().server.failed_for_all(error);
    }
}

async fn shares(redis: &Redis, accounts: &[Arc<Account>]) -> Result<Vec<Share>, StoreError> {
    let names: Vec<AccountName> =
        accounts.iter().map(|account| account.options.name.clone()).collect();
    let servers = redis.by_server(&names).await?;
    let share = |(redis, positions): (Redis, Vec<usize>)| {
        let accounts: Vec<_> =
            positions.iter().filter_map(|at| accounts.get(*at).cloned()).collect();
        let link = accounts.first().map(|account| account.link()).unwrap_or_default();
        Share { redis, accounts, link }
    };
    Ok(servers.into_iter().map(share).collect())
}
