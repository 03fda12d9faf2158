//! The socket under the routes of `antre-admin`.

use std::future::Future;

use antre_store::Redis;
use antre_worker::Readiness;
use axum::Router;
use tokio::net::TcpListener;

use crate::config::Config;

/// A bound socket, or none where HTTP is off.
pub(super) struct Server {
    listener: Option<TcpListener>,
    router: Router,
}

impl Server {
    pub(super) async fn bind(
        config: &Config,
        _redis: Redis,
        _readiness: Readiness,
    ) -> anyhow::Result<Self> {
        let listener = match config.http.listen {
            Some(address) => Some(TcpListener::bind(address).await?),
            None => None,
        };
        Ok(Self { listener, router: Router::new() })
    }

    pub(super) async fn serve(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<()> {
        if let Some(listener) = self.listener {
            axum::serve(listener, self.router).with_graceful_shutdown(stop).await?;
        }
        Ok(())
    }
}
