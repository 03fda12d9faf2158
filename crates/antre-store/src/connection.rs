//! Connections to one Redis: a shared one that reconnects by itself, and own ones for blocking reads.

use std::time::Duration;

use antre_protocol::account::AccountName;
use redis::{
    AsyncConnectionConfig, Client, IntoConnectionInfo,
    aio::{ConnectionManager, ConnectionManagerConfig, MultiplexedConnection, PubSub},
};

use crate::{Queue, StoreError};

/// How long one command may take before its connection is given up: a silent server must not hold a worker.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// One Redis server, reached through a connection that is shared and reconnects by itself.
///
/// Cheap to clone; clones share the connection.
#[derive(Clone)]
pub struct Redis {
    client: Client,
    shared: ConnectionManager,
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address may hold a password.
        f.debug_struct("Redis").finish_non_exhaustive()
    }
}

impl Redis {
    /// Prepares the connection to `url` without opening it: the first command does.
    ///
    /// # Errors
    /// [`StoreError::Url`] if `url` is no Redis URL.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        let client = Client::open(url.into_connection_info().map_err(StoreError::Url)?)
            .map_err(StoreError::Url)?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT))
            .set_number_of_retries(0);
        let shared = ConnectionManager::new_lazy_with_config(client.clone(), config)?;
        Ok(Self { client, shared })
    }

    /// Returns the queue of `account` on this server.
    pub fn queue(&self, account: AccountName) -> Queue {
        Queue::new(self.clone(), account)
    }

    /// Answers once the server does.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not within 2 s.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut connection = self.shared();
        redis::cmd("PING").exec_async(&mut connection).await?;
        Ok(())
    }

    pub(crate) fn shared(&self) -> ConnectionManager {
        self.shared.clone()
    }

    /// Opens a connection of its own whose commands may block for up to `block`.
    pub(crate) async fn blocking(
        &self,
        block: Duration,
    ) -> Result<MultiplexedConnection, StoreError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(block + RESPONSE_TIMEOUT));
        Ok(self.client.get_multiplexed_async_connection_with_config(&config).await?)
    }

    pub(crate) async fn pubsub(&self) -> Result<PubSub, StoreError> {
        let opening = self.client.get_async_pubsub();
        tokio::time::timeout(CONNECT_TIMEOUT, opening)
            .await
            .map_err(|_elapsed| StoreError::Unavailable(timed_out()))?
            .map_err(StoreError::from)
    }
}

fn timed_out() -> redis::RedisError {
    std::io::Error::new(std::io::ErrorKind::TimedOut, "no connection within 2 s").into()
}
