//! The sweep: removes ended jobs after their retention, and goes on with commands that another worker left, in bounded
//! portions.

use std::{sync::Arc, time::Duration};

use antre_store::StoreError;

use crate::{account::Account, commands};

const PERIOD: Duration = Duration::from_mins(1);
const FULL_PORTION: u32 = 200;
const PORTIONS_MAX: u32 = 50;

/// Sweeps once a minute.
pub async fn sweep(account: Arc<Account>) {
    loop {
        // Not all workers at the same instant.
        tokio::time::sleep(PERIOD.mul_f64(rand::random_range(0.8..1.2))).await;
        if let Err(error) = run_once(&account).await {
            account.redis_outage.failed(account.name(), &error);
        }
        if let Err(error) = commands::go_on(&account).await {
            account.redis_outage.failed(account.name(), &error);
        }
    }
}

/// Removes up to 10,000 records. Returns how many.
///
/// # Errors
/// Any [`StoreError`].
pub async fn run_once(account: &Account) -> Result<u32, StoreError> {
    let mut removed = 0;
    for _ in 0..PORTIONS_MAX {
        let portion = account.queue.sweep().await?;
        removed += portion;
        if portion < FULL_PORTION {
            break;
        }
        tokio::task::yield_now().await;
    }
    Ok(removed)
}
