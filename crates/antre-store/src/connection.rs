//! One Redis: the connection that all calls share, and own ones for blocking reads.

use std::time::Duration;

use antre_core::account::AccountName;
use redis::{
    AsyncConnectionConfig,
    aio::{ConnectionLike, MultiplexedConnection},
};
use tokio::sync::watch;

use crate::{
    Queue, StoreError,
    script::{NO_ARGUMENTS, WRITE_NOTHING},
    shared::{CONNECT_TIMEOUT, RESPONSE_TIMEOUT, Shared, readable},
};

pub use access::{Access, Certificate};
use endpoint::Endpoint;

mod access;
pub(crate) mod endpoint;
#[cfg(feature = "worker")]
pub(crate) mod listening;

/// One Redis server, reached through a connection that is shared and opened anew when it no longer serves.
///
/// Cheap to clone; clones share the connection.
#[derive(Clone)]
pub struct Redis {
    endpoint: Endpoint,
    shared: Shared,
    #[cfg(feature = "worker")]
    functions: std::sync::Arc<crate::script::Functions>,
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
        Self::open_with(&Access::at(url))
    }

    /// The same with a user, a password or certificates that do not stand in the URL.
    ///
    /// # Errors
    /// [`StoreError::Url`] if the URL is none that can be used, or a text is no certificate.
    pub fn open_with(access: &Access) -> Result<Self, StoreError> {
        let endpoint = access.endpoint()?;
        Ok(Self {
            shared: Shared::new(endpoint.clone()),
            endpoint,
            #[cfg(feature = "worker")]
            functions: std::sync::Arc::default(),
        })
    }

    #[cfg(feature = "worker")]
    pub(crate) fn functions(&self) -> &crate::script::Functions {
        &self.functions
    }

    /// Returns the queue of `account` on this server.
    pub fn queue(&self, account: AccountName) -> Queue {
        Queue::new(self.clone(), account)
    }

    /// Answers once the server does. A replica answers as well: see [`Redis::can_write`].
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not within 2 s.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut connection = self.shared();
        match redis::cmd("PING").exec_async(&mut connection).await.map_err(StoreError::from) {
            // So answers a server that cannot write its disk.
            Err(StoreError::ReadOnly(_)) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Answers once the server would take a write, without writing anything.
    ///
    /// # Errors
    /// [`StoreError::ReadOnly`] by a replica, by a server that cannot write its disk or misses its replicas;
    /// [`StoreError::Full`]; [`StoreError::Denied`]; [`StoreError::Unavailable`].
    pub async fn can_write(&self) -> Result<(), StoreError> {
        write_nothing(&mut self.shared()).await
    }

    /// Tells the number of the shared connection each time it is opened anew.
    ///
    /// Whoever holds a connection of its own opens that anew as well: the address may be another server's
    /// by now, while the old one goes on answering as a replica.
    pub fn renewals(&self) -> watch::Receiver<u64> {
        self.shared.renewals()
    }

    /// Returns the number of the shared connection; 0 before the first.
    pub fn generation(&self) -> u64 {
        self.shared.generation()
    }

    /// Tells each time a call met an error that concerns the server rather than the call: a lost connection,
    /// a lost role, a refused user.
    pub fn doubts(&self) -> watch::Receiver<u64> {
        self.shared.doubts()
    }

    /// Follows the Sentinels: where they name another server than before, all connections are opened anew. Elsewhere
    /// nothing happens.
    pub async fn follow_primary(&self) {
        if self.endpoint.has_moved().await {
            self.distrust();
        }
    }

    /// Returns whether all calls have failed for two minutes although a connection that is opened for this
    /// question works. At most one is opened in 10 s. Should never be true.
    pub async fn is_stuck(&self) -> bool {
        self.shared.is_stuck(async || self.works_anew().await.is_ok()).await
    }

    async fn works_anew(&self) -> Result<(), StoreError> {
        write_nothing(&mut self.blocking(Duration::ZERO).await?).await
    }

    pub(crate) fn shared(&self) -> Shared {
        self.shared.clone()
    }

    /// Gives the shared connection up: a reply was not what its call asks for.
    pub(crate) fn distrust(&self) {
        self.shared.distrust();
    }

    /// Opens a connection of its own whose commands may block for up to `block`.
    pub(crate) async fn blocking(
        &self,
        block: Duration,
    ) -> Result<MultiplexedConnection, StoreError> {
        let config = blocking_config(block);
        let opened = self.endpoint.connect(&config).await;
        Ok(opened.map_err(readable)?)
    }
}

/// Returns the settings of a connection whose commands may block for up to `block`.
pub(crate) fn blocking_config(block: Duration) -> AsyncConnectionConfig {
    AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(block + RESPONSE_TIMEOUT))
}

async fn write_nothing(connection: &mut impl ConnectionLike) -> Result<(), StoreError> {
    let _one: u8 = WRITE_NOTHING.call(connection, &[], NO_ARGUMENTS).await?;
    Ok(())
}
