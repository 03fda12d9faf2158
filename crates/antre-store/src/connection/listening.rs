//! A worker's own connections: those that listen.

use redis::{ConnectionInfo, RedisError, aio::PubSub};

use super::Redis;
use crate::{
    StoreError,
    shared::{CONNECT_TIMEOUT, readable},
};

impl Redis {
    pub(crate) async fn address(&self) -> Result<ConnectionInfo, StoreError> {
        let server = self.node().await?.endpoint().server().await.map_err(readable)?;
        Ok(server.get_connection_info().clone())
    }

    pub(crate) async fn pubsub(&self) -> Result<PubSub, StoreError> {
        in_time(async {
            let node = self.node().await?;
            let server = node.endpoint().server().await.map_err(readable)?;
            self.opened(&node, server.get_async_pubsub().await)
        })
        .await
    }
}

/// Bounds what opens a connection.
pub(crate) async fn in_time<T>(
    opening: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::time::timeout(CONNECT_TIMEOUT, opening).await.unwrap_or_else(|_elapsed| {
        let error = std::io::Error::new(std::io::ErrorKind::TimedOut, "no connection within 2 s");
        Err(RedisError::from(error).into())
    })
}
