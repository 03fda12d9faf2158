//! A stopped clock, for drills and tests: while it is set, every script of the account takes it for the time.
//!
//! It moves only when it is set again, so a drill decides what is due and can go back as well as forth. The
//! ids that `XADD *` makes, expiring keys and other accounts keep following Redis' own clock.

use redis::AsyncCommands;

use crate::{Queue, StoreError};

const CLOCK: &str = "clock";

impl Queue {
    /// Stops the account's clock at `now_us` (Unix microseconds), or lets Redis' own go on.
    ///
    /// Never for an account that sends real requests: the pace would be that of the stopped clock.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn set_clock(&self, now_us: Option<u64>) -> Result<(), StoreError> {
        let mut connection = self.redis().calls();
        let clock = self.keys().named(CLOCK);
        match now_us {
            Some(now_us) => connection.set::<_, _, ()>(clock, now_us).await?,
            None => connection.del::<_, ()>(clock).await?,
        }
        Ok(())
    }

    /// Returns where the account's clock was stopped, Unix microseconds; `None` when it goes.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn stopped_clock_us(&self) -> Result<Option<u64>, StoreError> {
        let mut connection = self.redis().calls();
        Ok(connection.get(self.keys().named(CLOCK)).await?)
    }
}
