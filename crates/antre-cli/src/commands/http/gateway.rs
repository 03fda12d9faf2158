//! The socket under the gateway.

use std::future::Future;
use std::time::Duration;

use antre_gateway::{Account, Gateway};
use antre_store::Redis;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::connections::{self, Bounds};
use super::descriptors;
use crate::config::{self, Config, options};

/// A head holds a key and some names. Callers keep connections, because one that is closed under a request makes some
/// of their libraries repeat it.
const BOUNDS: Bounds = Bounds {
    server: "the gateway",
    connections_max: 0,
    head_max: Duration::from_secs(10),
    idle_max: antre_gateway::IDLE,
    life_max: None,
    head_bytes_max: 16 * 1024,
};

/// The bound socket of the gateway.
pub(in crate::commands) struct GatewayServer {
    listener: TcpListener,
    gateway: Gateway,
}

impl GatewayServer {
    /// Takes the socket, if the gateway is served; nobody is answered yet.
    pub(in crate::commands) async fn bind(
        config: &Config,
        redis: &Redis,
    ) -> anyhow::Result<Option<Self>> {
        let Some(address) = config.gateway.listen else { return Ok(None) };
        let listener = super::bind(address, &options::GATEWAY_LISTEN).await?;
        antre_gateway::describe_metrics();
        let gateway = Gateway::new(redis.clone(), &config.gateway.options(), &accounts(config));
        Ok(Some(Self { listener, gateway }))
    }

    /// Returns the gateway, which can be given another configuration while it is served.
    pub(in crate::commands) fn gateway(&self) -> Gateway {
        self.gateway.clone()
    }

    /// Answers until `stop`. All who are held then are answered at once.
    pub(in crate::commands) async fn serve(self, stop: impl Future<Output = ()> + Send) {
        let Self { listener, gateway } = self;
        if let Ok(address) = listener.local_addr() {
            tracing::info!(%address, "serving the gateway");
        }
        let connections_max = descriptors::make_room(gateway.connections_max());
        let bounds = Bounds { connections_max, ..BOUNDS };
        // The routes are always the same; what a reload changes is the gateway's.
        let (_sender, routes) = watch::channel(antre_gateway::router(gateway.clone()));
        let stop = async {
            stop.await;
            gateway.stop();
        };
        connections::serve(listener, bounds, routes, stop).await;
    }
}

/// Serves with another configuration from now on.
pub(in crate::commands) fn replace(gateway: &Gateway, config: &Config) {
    gateway.replace(&config.gateway.options(), &accounts(config));
}

fn accounts(config: &Config) -> Vec<Account> {
    config.accounts.iter().map(config::Account::for_gateway).collect()
}
