//! A Redis Cluster of the test's own: its nodes, its slots, and what happens to them.

use std::time::Duration;

use antre_testkit::{AppendFsync, RedisServer, eventually, free_port};
use anyhow::Context as _;
use redis::aio::MultiplexedConnection;

use crate::chaos::moment::pass;

const SLOTS: usize = 16_384;
/// Long enough for two cores that compile something else.
const PATIENCE: Duration = Duration::from_mins(1);
/// After this time without an answer the other nodes give one up.
const NODE_TIMEOUT_MS: u64 = 2_000;
/// Keys that move at once, and the pause after them: a slot with a few hundred keys is on its way for a while.
const KEYS_AT_ONCE: usize = 4;
const PAUSE: Duration = Duration::from_millis(10);

/// Nodes that share all slots, and replicas.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<RedisServer>,
    /// Of the first node, where the nodes talk to each other.
    bus_port: u16,
}

impl RedisCluster {
    /// Starts so many nodes and gives each an equal part of the slots.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn start(primaries: usize) -> anyhow::Result<Self> {
        let mut cluster = Self { nodes: Vec::new(), bus_port: 0 };
        for number in 0..primaries {
            let (node, bus_port) = start_node().await?;
            let mut connection = node.connect().await?;
            let epoch = number + 1;
            command("CLUSTER SET-CONFIG-EPOCH").arg(epoch).exec_async(&mut connection).await?;
            let (first, next) = (SLOTS * number / primaries, SLOTS * (number + 1) / primaries);
            let mut give = command("CLUSTER ADDSLOTSRANGE");
            give.arg(first).arg(next - 1).exec_async(&mut connection).await?;
            if number == 0 {
                cluster.bus_port = bus_port;
            }
            cluster.add(node).await?;
        }
        cluster.until_sound().await?;
        Ok(cluster)
    }

    /// Returns an address that names all nodes.
    ///
    /// # Errors
    /// Never: each listens.
    pub fn hosts(&self) -> anyhow::Result<String> {
        let addresses: Result<Vec<String>, _> =
            self.nodes.iter().map(|node| node.tcp_address().map(|it| it.to_string())).collect();
        Ok(addresses?.join(","))
    }

    /// Returns the nodes in the order of their start.
    pub fn nodes(&mut self) -> &mut [RedisServer] {
        &mut self.nodes
    }

    /// Starts a replica of node number `primary` and waits until it could take over.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn add_replica(&mut self, primary: usize) -> anyhow::Result<()> {
        self.add(start_node().await?.0).await?;
        self.until_sound().await?;
        let id = self.id(primary).await?;
        let mut replica = self.connect(self.nodes.len() - 1).await?;
        eventually(PATIENCE, "the replica knows its primary", async || {
            command("CLUSTER REPLICATE").arg(&id).exec_async(&mut replica.clone()).await.is_ok()
        })
        .await?;
        eventually(PATIENCE, "the replica has its primary's data", async || {
            let info: redis::InfoDict = redis::cmd("INFO").query_async(&mut replica).await?;
            let is_up = info.get::<String>("master_link_status").is_some_and(|it| it == "up");
            Ok::<_, redis::RedisError>(is_up)
        })
        .await?;
        Ok(())
    }

    /// Returns the slot of a key.
    ///
    /// # Errors
    /// Redis' own.
    pub async fn slot(&self, key: &str) -> anyhow::Result<usize> {
        let mut any = self.connect(0).await?;
        Ok(command("CLUSTER KEYSLOT").arg(key).query_async(&mut any).await?)
    }

    /// Returns the number of the node that got the slot at the start.
    pub fn first_owner(slot: usize, primaries: usize) -> usize {
        (0..primaries).find(|number| slot < SLOTS * (number + 1) / primaries).unwrap_or_default()
    }

    /// Returns the number of the node that says itself that it has the slot.
    ///
    /// # Errors
    /// No node does.
    pub async fn owner(&self, slot: usize) -> anyhow::Result<usize> {
        for number in 0..self.nodes.len() {
            let Ok(mut node) = self.connect(number).await else { continue };
            let nodes: String = command("CLUSTER NODES").query_async(&mut node).await?;
            let own = nodes.lines().find(|line| line.contains("myself,master"));
            let has_it = own.is_some_and(|line| {
                line.split(' ').skip(8).any(|range| {
                    let (first, last) = range.split_once('-').unwrap_or((range, range));
                    let within = |first: usize, last: usize| (first..=last).contains(&slot);
                    first
                        .parse()
                        .is_ok_and(|first| last.parse().is_ok_and(|last| within(first, last)))
                })
            });
            if has_it {
                return Ok(number);
            }
        }
        anyhow::bail!("no node has slot {slot}")
    }

    /// Moves a slot, a few keys at a time. Returns how many keys moved.
    ///
    /// # Errors
    /// Redis' own.
    pub async fn migrate(&self, slot: usize, from: usize, to: usize) -> anyhow::Result<usize> {
        self.begin_to_migrate(slot, from, to).await?;
        let mut moved = 0;
        loop {
            let keys = self.move_keys(slot, from, to, KEYS_AT_ONCE).await?;
            moved += keys;
            if keys == 0 {
                break;
            }
            pass(PAUSE).await;
        }
        self.end_to_migrate(slot, from, to).await?;
        Ok(moved)
    }

    /// From now on the slot's keys may be at two nodes.
    ///
    /// # Errors
    /// Redis' own.
    pub async fn begin_to_migrate(
        &self,
        slot: usize,
        from: usize,
        to: usize,
    ) -> anyhow::Result<()> {
        for (node, state, other) in [(to, "IMPORTING", from), (from, "MIGRATING", to)] {
            let mut connection = self.connect(node).await?;
            let mut set = command("CLUSTER SETSLOT");
            set.arg(slot).arg(state).arg(self.id(other).await?);
            set.exec_async(&mut connection).await?;
        }
        Ok(())
    }

    /// Moves some keys and returns how many.
    ///
    /// # Errors
    /// Redis' own.
    pub async fn move_keys(
        &self,
        slot: usize,
        from: usize,
        to: usize,
        count: usize,
    ) -> anyhow::Result<usize> {
        let mut source = self.connect(from).await?;
        let mut some = command("CLUSTER GETKEYSINSLOT");
        let keys: Vec<Vec<u8>> = some.arg(slot).arg(count).query_async(&mut source).await?;
        if keys.is_empty() {
            return Ok(0);
        }
        let (moved, there) = (keys.len(), self.nodes[to].tcp_address()?);
        let mut migrate = redis::cmd("MIGRATE");
        migrate.arg(there.ip().to_string()).arg(there.port()).arg("").arg(0).arg(5000);
        migrate.arg("KEYS").arg(keys).exec_async(&mut source).await?;
        Ok(moved)
    }

    /// The slot has one owner again.
    ///
    /// # Errors
    /// Redis' own.
    pub async fn end_to_migrate(&self, slot: usize, from: usize, to: usize) -> anyhow::Result<()> {
        let owner = self.id(to).await?;
        for node in [to, from] {
            let mut connection = self.connect(node).await?;
            let mut set = command("CLUSTER SETSLOT");
            set.arg(slot).arg("NODE").arg(&owner).exec_async(&mut connection).await?;
        }
        Ok(())
    }

    /// Waits until each node that runs says that the cluster is whole, and knows all others.
    ///
    /// # Errors
    /// It does not come to that.
    pub async fn until_sound(&self) -> anyhow::Result<()> {
        let all = format!("cluster_known_nodes:{}", self.nodes.len());
        eventually(PATIENCE, "the cluster is whole", async || {
            for number in 0..self.nodes.len() {
                let mut node = self.connect(number).await.map_err(|error| error.to_string())?;
                let info: String = command("CLUSTER INFO")
                    .query_async(&mut node)
                    .await
                    .map_err(|error| error.to_string())?;
                if !info.contains("cluster_state:ok") || !info.contains(&all) {
                    return Err(info);
                }
            }
            Ok(Some(()))
        })
        .await?;
        Ok(())
    }

    /// Opens a connection to one node.
    ///
    /// # Errors
    /// It does not run.
    pub async fn connect(&self, number: usize) -> anyhow::Result<MultiplexedConnection> {
        let config = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(1)))
            .set_response_timeout(Some(Duration::from_secs(10)));
        let client = redis::Client::open(self.nodes[number].tcp_url()?)?;
        Ok(client.get_multiplexed_async_connection_with_config(&config).await?)
    }

    async fn id(&self, number: usize) -> anyhow::Result<String> {
        Ok(command("CLUSTER MYID").query_async(&mut self.connect(number).await?).await?)
    }

    async fn add(&mut self, node: RedisServer) -> anyhow::Result<()> {
        if let Some(first) = self.nodes.first() {
            let known = first.tcp_address()?;
            let mut connection = node.connect().await?;
            let mut meet = command("CLUSTER MEET");
            meet.arg(known.ip().to_string()).arg(known.port()).arg(self.bus_port);
            meet.exec_async(&mut connection).await?;
        }
        self.nodes.push(node);
        Ok(())
    }
}

async fn start_node() -> anyhow::Result<(RedisServer, u16)> {
    let bus_port = free_port()?;
    let server = RedisServer::builder()
        .append_only(AppendFsync::EverySecond)
        .tcp()
        .config_line("cluster-enabled yes")
        .config_line(format!("cluster-port {bus_port}"))
        .config_line(format!("cluster-node-timeout {NODE_TIMEOUT_MS}"))
        .start()
        .await
        .context("a node of the cluster")?;
    Ok((server, bus_port))
}

/// Returns a command of several words.
fn command(words: &str) -> redis::Cmd {
    let mut command = redis::Cmd::new();
    for word in words.split(' ') {
        command.arg(word);
    }
    command
}
