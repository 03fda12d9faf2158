//! Accounts that intake leaves alone for a while, because their own data is at fault.

use std::{collections::HashMap, future::pending, time::Duration};

use tokio::time::{Instant, sleep_until};

/// How long an account is left alone: until somebody may have mended it.
const REST: Duration = Duration::from_secs(10);

/// Accounts by name, and until when each is left alone.
#[derive(Debug, Default)]
pub(super) struct Resting(HashMap<String, Instant>);

impl Resting {
    pub(super) fn rest(&mut self, account: &str) {
        self.0.insert(account.to_owned(), Instant::now() + REST);
    }

    /// Returns whether `account` is left alone, and forgets it when that is over.
    pub(super) fn rests(&mut self, account: &str) -> bool {
        let rests = self.0.get(account).is_some_and(|until| *until > Instant::now());
        if !rests {
            self.0.remove(account);
        }
        rests
    }

    /// Waits until the first of them may be tried again; for ever without any.
    pub(super) async fn is_over(&self) {
        match self.0.values().min() {
            Some(until) => sleep_until(*until).await,
            None => pending().await,
        }
    }
}
