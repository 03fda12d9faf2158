//! Where connections go: to one server, or to the one that the Sentinels name.

use std::{
    fmt::Display,
    sync::{Arc, Mutex, PoisonError},
};

use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ErrorKind, RedisError,
    RedisResult, aio::MultiplexedConnection, sentinel::SentinelClient,
};
use tokio::sync::Mutex as AsyncMutex;

use crate::shared::CONNECT_TIMEOUT;

/// Where connections go. Cheap to clone; clones share what is known of the Sentinels.
#[derive(Clone)]
pub(crate) enum Endpoint {
    Single(Box<ConnectionInfo>),
    Sentinels(Sentinels),
}

/// Those that know which server is the primary.
#[derive(Clone)]
pub(crate) struct Sentinels {
    /// One question at a time: the answer is for all.
    client: Arc<AsyncMutex<SentinelClient>>,
    /// The server of the last connection.
    primary: Arc<Mutex<Option<String>>>,
    database: i64,
}

impl Endpoint {
    /// Opens a connection; where Sentinels name the server, only to one that says itself that it is the primary.
    pub(crate) async fn connect(
        &self,
        config: &AsyncConnectionConfig,
    ) -> RedisResult<MultiplexedConnection> {
        self.server().await?.get_multiplexed_async_connection_with_config(config).await
    }

    /// Returns the server that is in charge now.
    pub(crate) async fn server(&self) -> RedisResult<Client> {
        match self {
            Self::Single(info) => Client::open(ConnectionInfo::clone(info)),
            Self::Sentinels(sentinels) => sentinels.primary().await,
        }
    }

    /// Returns whether the Sentinels name another server than that of the last connection.
    pub(crate) async fn has_moved(&self) -> bool {
        let Self::Sentinels(sentinels) = self else { return false };
        let known = sentinels.known().clone();
        let Ok(client) = sentinels.ask().await else { return false };
        known.is_some_and(|known| known != address_of(&client))
    }

    pub(crate) fn database(&self) -> i64 {
        match self {
            Self::Single(info) => info.redis_settings().db(),
            Self::Sentinels(sentinels) => sentinels.database,
        }
    }

    /// Returns the server's address, where it never changes.
    pub(super) fn address(&self) -> Option<&ConnectionAddr> {
        if let Self::Single(info) = self { Some(info.addr()) } else { None }
    }
}

impl Sentinels {
    pub(super) fn new(client: SentinelClient, database: i64) -> Self {
        Self { client: Arc::new(AsyncMutex::new(client)), primary: Arc::default(), database }
    }

    async fn primary(&self) -> RedisResult<Client> {
        let client = self.ask().await?;
        *self.known() = Some(address_of(&client));
        Ok(client)
    }

    /// Asks them in turn; the one that they name is asked for its role, too.
    async fn ask(&self) -> RedisResult<Client> {
        // Boxed: it is large, and part of everything that opens a connection.
        let asked = Box::pin(async { self.client.lock().await.async_get_client().await });
        match tokio::time::timeout(CONNECT_TIMEOUT, asked).await {
            Ok(Ok(client)) => Ok(client),
            Ok(Err(error)) if error.kind() == ErrorKind::MasterNameNotFoundBySentinel => {
                Err(unsettled(&"they know none of this name, or it does not answer as one"))
            }
            Ok(Err(error)) => Err(error),
            Err(_elapsed) => Err(unsettled(&"no answer within 2 s")),
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.primary.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn address_of(client: &Client) -> String {
    client.get_connection_info().addr().to_string()
}

fn unsettled(why: &dyn Display) -> RedisError {
    passing(format!("the Sentinels name no primary that can be used: {why}"))
}

/// Returns an error that may be over soon, in words that are told as they are: not as those of a connection that broke.
pub(super) fn passing(text: impl Into<String>) -> RedisError {
    std::io::Error::other(text.into()).into()
}

#[cfg(test)]
mod tests;
