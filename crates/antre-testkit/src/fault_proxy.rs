//! A proxy that behaves like a bad network between a client and a server.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::Result;
use network::Network;

pub use network::{Counts, Direction, Flow};

mod network;
mod relay;
#[cfg(test)]
mod tests;

/// Where the proxy forwards to.
#[derive(Clone, Debug)]
pub enum Upstream {
    /// A TCP server.
    Tcp(SocketAddr),
    /// A server on a Unix socket.
    Unix(PathBuf),
}

impl From<SocketAddr> for Upstream {
    fn from(address: SocketAddr) -> Self {
        Self::Tcp(address)
    }
}

impl From<PathBuf> for Upstream {
    fn from(path: PathBuf) -> Self {
        Self::Unix(path)
    }
}

impl From<&Path> for Upstream {
    fn from(path: &Path) -> Self {
        Self::Unix(path.to_owned())
    }
}

/// A proxy on a loopback port of its own; healthy until told otherwise.
///
/// Each connection buffers at most 1 MiB each way, and at most 1,024 connections are served at once;
/// more wait in the listen queue. Dropping closes everything.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    network: Arc<Network>,
    acceptor: JoinHandle<()>,
}

impl FaultProxy {
    /// Starts a healthy proxy. The server need not be there yet: a connection to a missing one is
    /// reset.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if no loopback port can be bound.
    pub async fn start(upstream: impl Into<Upstream>) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let network = Arc::new(Network::default());
        let acceptor =
            tokio::spawn(relay::accept_forever(listener, upstream.into(), Arc::clone(&network)));
        Ok(Self { address, network, acceptor })
    }

    /// Returns where clients connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the proxy's URL for a Redis client.
    pub fn redis_url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Returns the proxy's URL for an HTTP client.
    pub fn http_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends every fault: what was stalled is delivered, new connections are accepted.
    ///
    /// Connections that were cut stay dead.
    pub fn heal(&self) {
        self.network.set_flows(Flow::Open);
        self.network.set_refusing(false);
    }

    /// Resets every connection, and each new one at once, until [`FaultProxy::heal`].
    ///
    /// Returns when all are closed: no byte passes afterwards. A new client is accepted and then
    /// reset, as the port stays bound; for a refused connection use a port without a listener.
    pub async fn cut(&self) {
        self.network.set_refusing(true);
        self.network.cut_current().await;
    }

    /// Resets every present connection; new ones are served.
    pub async fn cut_current(&self) {
        self.network.cut_current().await;
    }

    /// Goes silent both ways: connections are accepted and stay open, nothing is delivered, not
    /// even their end. [`FaultProxy::heal`] delivers what was held back.
    pub fn stall(&self) {
        self.network.set_flows(Flow::Stalled);
    }

    /// Delivers everything this much later, each way: a round trip takes twice as long. Order and
    /// throughput stay.
    pub fn delay(&self, delay: Duration) {
        self.network.set_flows(Flow::Delayed(delay));
    }

    /// Changes one direction only: a stalled [`Direction::ToClient`] is a request that arrives and
    /// whose answer does not.
    pub fn set_flow(&self, direction: Direction, flow: Flow) {
        self.network.set_flow(direction, flow);
    }

    /// Returns what happened so far.
    pub fn counts(&self) -> Counts {
        self.network.counts()
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        // The task owns every connection.
        self.acceptor.abort();
    }
}
