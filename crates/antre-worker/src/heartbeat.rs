//! The heartbeat: renews leases and tells the fleet that this worker lives.

use std::sync::Arc;

use antre_store::{StoreError, claim::Grant, lease::Heartbeat};

use crate::account::Account;

/// Renewals per lease: two may be lost before the lease is.
const RENEWALS_PER_LEASE: u32 = 3;

/// Beats until the last claim is released after the order to stop.
pub async fn beat(account: Arc<Account>) {
    let period = account.options.settings.lease / RENEWALS_PER_LEASE;
    loop {
        if let Err(error) = run_once(&account).await {
            account.redis_outage.failed(account.name(), &error);
        }
        tokio::time::sleep(period).await;
    }
}

/// Beats once.
///
/// # Errors
/// Any [`StoreError`]; the leases hold for two more periods.
pub async fn run_once(account: &Account) -> Result<(), StoreError> {
    let held = account.running.all();
    let grants: Vec<Grant> = held.iter().map(|held| held.grant.clone()).collect();
    let heartbeat = Heartbeat {
        version: env!("CARGO_PKG_VERSION"),
        running: held.len(),
        concurrency: account.options.concurrency,
        uptime_s: account.started.elapsed().as_secs(),
        is_connected: !account.xendit_outage.is_on(),
    };
    for id in account.queue.renew(&account.worker, &heartbeat, &grants).await? {
        // The answer still counts when it comes; only the right to decide is gone.
        tracing::warn!(account = account.name(), job.id = id, "lease lost");
    }
    Ok(())
}
