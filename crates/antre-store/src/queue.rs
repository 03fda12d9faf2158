//! One account's queue: the handle that every operation of this crate hangs on.

use std::sync::Arc;

use antre_core::account::AccountName;
use redis::{FromRedisValue, ToRedisArgs};

use crate::{Redis, StoreError, keys::Keys, script::Script};

/// One account's queue in Redis. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Queue {
    redis: Redis,
    account: AccountName,
    keys: Arc<Keys>,
    #[cfg(feature = "worker")]
    finishes: Arc<crate::finish::Finishes>,
}

impl Queue {
    pub(crate) fn new(redis: Redis, account: AccountName) -> Self {
        let keys = Arc::new(Keys::new(&account));
        Self {
            redis,
            account,
            keys,
            #[cfg(feature = "worker")]
            finishes: Arc::default(),
        }
    }

    /// Returns the account's name.
    pub fn account(&self) -> &AccountName {
        &self.account
    }

    /// Returns the account's key names.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Returns what is to be finished; shared by all clones of this handle.
    #[cfg(feature = "worker")]
    pub(crate) fn finishes(&self) -> &crate::finish::Finishes {
        &self.finishes
    }

    /// Returns the server that holds this queue.
    pub fn redis(&self) -> &Redis {
        &self.redis
    }

    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        arguments: &[impl ToRedisArgs + Sync],
    ) -> Result<T, StoreError> {
        let mut connection = self.redis.calls();
        #[cfg(feature = "worker")]
        let reply = script.call(&self.redis, &mut connection, self.keys.prefix(), arguments).await;
        #[cfg(not(feature = "worker"))]
        let reply = script.run(&mut connection, self.keys.prefix(), arguments).await;
        if matches!(reply, Err(StoreError::Reply { .. })) {
            // The line may be out of step: this may be the answer to another call.
            self.redis.distrust();
        }
        if matches!(reply, Err(StoreError::Denied(_))) {
            // Inside of a script Redis does not say so by its code.
            self.redis.doubt();
        }
        reply
    }
}
