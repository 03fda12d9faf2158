//! Commands of programs do their work in bounded portions: after one was taken in, and in each sweep.

use antre_store::StoreError;

use crate::account::Account;

/// Of 50 jobs each.
const PORTIONS_MAX: u32 = 200;

/// Does what is left to do for commands, up to 10,000 jobs; the next sweep goes on.
///
/// # Errors
/// Any [`StoreError`].
pub(crate) async fn go_on(account: &Account) -> Result<(), StoreError> {
    for _ in 0..PORTIONS_MAX {
        if !account.queue.run_commands().await? {
            break;
        }
        tokio::task::yield_now().await;
    }
    Ok(())
}
