//! One Redis, or several that share the accounts: the connection that all calls share, and own ones for blocking reads.

use std::time::Duration;

use antre_core::account::AccountName;
use redis::{
    AsyncConnectionConfig, RedisResult,
    aio::{ConnectionLike, MultiplexedConnection},
};
use tokio::sync::watch;

use crate::{
    Queue, StoreError,
    keys::Keys,
    script::WRITE_NOTHING,
    shared::{CONNECT_TIMEOUT, RESPONSE_TIMEOUT, readable},
};

pub use access::{Access, Certificate};
pub(crate) use calls::Calls;
use cluster::{Cluster, Slot};
use node::Node;

mod access;
mod calls;
mod cluster;
pub(crate) mod endpoint;
#[cfg(feature = "worker")]
pub(crate) mod listening;
mod node;

/// One Redis server, reached through a connection that is shared and opened anew when it no longer serves; or a Redis
/// Cluster, whose servers have an account each of their own.
///
/// Cheap to clone; clones share the connections.
#[derive(Clone)]
pub struct Redis {
    place: Place,
}

/// Which server a handle means.
#[derive(Clone)]
enum Place {
    Server(Node),
    /// The one that has this slot now; without one, any.
    Cluster(Cluster, Option<Slot>),
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
        Ok(Self { place: access.place()? })
    }

    /// Returns the queue of `account`, on the server that has it.
    pub fn queue(&self, account: AccountName) -> Queue {
        let server = self.at(Keys::new(&account).prefix());
        Queue::new(server, account)
    }

    /// Returns the server that has a key.
    pub(crate) fn at(&self, key: &str) -> Self {
        match &self.place {
            Place::Server(_) => self.clone(),
            Place::Cluster(cluster, _) => Self::in_slot(cluster, cluster::slot_of(key)),
        }
    }

    fn in_slot(cluster: &Cluster, slot: Slot) -> Self {
        Self { place: Place::Cluster(cluster.clone(), Some(slot)) }
    }

    /// Returns whether accounts are shared out among the servers of a cluster.
    pub fn is_cluster(&self) -> bool {
        matches!(self.place, Place::Cluster(..))
    }

    /// Returns a handle to each server that has accounts, or may have; outside of a cluster that is this one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] while no node of the cluster says what there is.
    pub async fn each_server(&self) -> Result<Vec<Self>, StoreError> {
        let Place::Cluster(cluster, None) = &self.place else { return Ok(vec![self.clone()]) };
        let slots = cluster.slot_of_each().await.map_err(readable)?;
        Ok(slots.into_iter().map(|slot| Self::in_slot(cluster, slot)).collect())
    }

    /// Returns the servers with the positions of the accounts that each has.
    ///
    /// # Errors
    /// As [`Redis::each_server`].
    pub async fn by_server(
        &self,
        accounts: &[AccountName],
    ) -> Result<Vec<(Self, Vec<usize>)>, StoreError> {
        let mut servers: Vec<(u64, Self, Vec<usize>)> = Vec::new();
        for (position, account) in accounts.iter().enumerate() {
            let server = self.at(Keys::new(account).prefix());
            let number = server.node().await?.number();
            match servers.iter_mut().find(|(known, ..)| *known == number) {
                Some((.., positions)) => positions.push(position),
                None => servers.push((number, server, vec![position])),
            }
        }
        Ok(servers.into_iter().map(|(_number, server, positions)| (server, positions)).collect())
    }

    /// Returns whether one command may name all of these keys.
    #[cfg(feature = "worker")]
    pub(crate) fn has_together(&self, keys: &[String]) -> bool {
        let mut slots = keys.iter().map(|key| cluster::slot_of(key));
        let first = slots.next();
        !self.is_cluster() || slots.all(|slot| Some(slot) == first)
    }

    /// Tells each time that an account may be at another server of the cluster. Elsewhere that never happens.
    pub fn moves(&self) -> watch::Receiver<u64> {
        match &self.place {
            Place::Server(_) => watch::Sender::default().subscribe(),
            Place::Cluster(cluster, _) => cluster.moves(),
        }
    }

    /// Returns a number that no other server of the cluster has.
    pub fn server_number(&self) -> u64 {
        self.known_node().number()
    }

    /// Returns the address of this node, if it is one of a cluster.
    pub fn node_address(&self) -> Option<String> {
        let node = self.known_node();
        node.endpoint().address().filter(|_| self.is_cluster()).map(ToString::to_string)
    }

    /// Returns the server as far as it is known.
    pub(crate) fn known_node(&self) -> Node {
        match &self.place {
            Place::Server(node) => node.clone(),
            Place::Cluster(cluster, slot) => cluster.known_node(*slot),
        }
    }

    /// Returns the server.
    async fn node(&self) -> Result<Node, StoreError> {
        match &self.place {
            Place::Server(node) => Ok(node.clone()),
            Place::Cluster(cluster, slot) => Ok(cluster.node(*slot).await.map_err(readable)?),
        }
    }

    /// Answers once the server does, of a cluster all. A replica answers as well: see [`Redis::can_write`].
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not within 2 s.
    pub async fn ping(&self) -> Result<(), StoreError> {
        for server in self.each_server().await? {
            let mut connection = server.calls();
            match redis::cmd("PING").exec_async(&mut connection).await.map_err(StoreError::from) {
                // So answers a server that cannot write its disk.
                Err(StoreError::ReadOnly(_)) | Ok(()) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Answers once the server, of a cluster each, would take a write, without writing anything.
    ///
    /// # Errors
    /// [`StoreError::ReadOnly`] by a replica, by a server that cannot write its disk or misses its replicas;
    /// [`StoreError::Full`]; [`StoreError::Denied`]; [`StoreError::Unavailable`].
    pub async fn can_write(&self) -> Result<(), StoreError> {
        for server in self.each_server().await? {
            // The nodes of a cluster pass on what names a key; this names none.
            write_nothing(&mut server.node().await?.shared()).await?;
        }
        Ok(())
    }

    /// Tells the number of the shared connection each time it is opened anew.
    ///
    /// Whoever holds a connection of its own opens that anew as well: the address may be another server's
    /// by now, while the old one goes on answering as a replica.
    pub fn renewals(&self) -> watch::Receiver<u64> {
        self.known_node().shared().renewals()
    }

    /// Returns the number of the shared connection, which no other server's has.
    pub fn generation(&self) -> u64 {
        self.known_node().generation()
    }

    /// Tells each time a call met an error that concerns the server rather than the call: a lost connection,
    /// a lost role, a refused user.
    pub fn doubts(&self) -> watch::Receiver<u64> {
        self.known_node().shared().doubts()
    }

    /// Follows the Sentinels: where they name another server than before, all connections are opened anew. Asks a cluster
    /// where its accounts are. Elsewhere nothing happens.
    pub async fn follow_primary(&self) {
        match &self.place {
            Place::Server(node) => {
                if node.endpoint().has_moved().await {
                    self.distrust();
                }
            }
            Place::Cluster(cluster, _) => {
                cluster.refresh().await.ok();
            }
        }
    }

    /// Returns whether all calls have failed for two minutes although a connection that is opened for this
    /// question works. At most one is opened in 10 s. Should never be true.
    pub async fn is_stuck(&self) -> bool {
        for server in self.each_server().await.unwrap_or_default() {
            let shared = server.known_node().shared();
            if shared.is_stuck(async || server.works_anew().await.is_ok()).await {
                return true;
            }
        }
        false
    }

    async fn works_anew(&self) -> Result<(), StoreError> {
        write_nothing(&mut self.blocking(Duration::ZERO).await?).await
    }

    pub(crate) fn calls(&self) -> Calls {
        match &self.place {
            Place::Server(node) => Calls::Server(node.shared()),
            Place::Cluster(cluster, slot) => Calls::Cluster(cluster.clone(), *slot),
        }
    }

    /// Gives the shared connection up: a reply was not what its call asks for.
    pub(crate) fn distrust(&self) {
        self.known_node().shared().distrust();
    }

    /// Notes that the server may be no longer what it was.
    pub(crate) fn doubt(&self) {
        self.known_node().shared().doubt();
    }

    /// Opens a connection of its own whose commands may block for up to `block`.
    pub(crate) async fn blocking(
        &self,
        block: Duration,
    ) -> Result<MultiplexedConnection, StoreError> {
        let node = self.node().await?;
        let config = blocking_config(block);
        let opened = node.endpoint().connect(&config).await;
        self.opened(&node, opened)
    }

    /// A server that cannot be reached may have been replaced.
    fn opened<T>(&self, node: &Node, opened: RedisResult<T>) -> Result<T, StoreError> {
        if let (Err(_), Place::Cluster(cluster, _)) = (&opened, &self.place) {
            cluster.doubt(node);
        }
        Ok(opened.map_err(readable)?)
    }

    /// Draws the conclusion of an error on a connection of its own: in a cluster the account may be elsewhere by now.
    pub(crate) fn met(&self, error: StoreError) -> StoreError {
        let Place::Cluster(cluster, _) = &self.place else { return error };
        if error.concerns_server() {
            cluster.doubt(&self.known_node());
            self.doubt();
        }
        error.in_cluster()
    }
}

/// Returns the settings of a connection whose commands may block for up to `block`.
pub(crate) fn blocking_config(block: Duration) -> AsyncConnectionConfig {
    AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(block + RESPONSE_TIMEOUT))
}

async fn write_nothing(connection: &mut impl ConnectionLike) -> Result<(), StoreError> {
    WRITE_NOTHING.ask(connection).await
}
