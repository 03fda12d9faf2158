//! The servers of a Redis Cluster: which one has which account, and what to do when an account moves.
//!
//! All keys of an account are in one slot, so every call has one server that can answer it. A call is told by its
//! server when the slot has moved. While a slot is being handed over, its keys are in two places: then no script runs,
//! because scripts decide by what is there and what is not. Their callers try again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use redis::{
    Cmd, ConnectionAddr, ErrorKind, Pipeline, RedisError, RedisResult, Value,
    aio::ConnectionLike as _,
};
use tokio::{
    sync::{Mutex as AsyncMutex, watch},
    time::Instant,
};

use self::{
    owners::Owners,
    redirect::{Redirect, is_script},
    slots::{Address, Range},
};
use super::{access::Dialer, endpoint::passing, node::Node};
use crate::error::words::ON_THE_WAY;

pub(crate) use slots::Slot;
pub(super) use slots::slot_of;

mod owners;
mod redirect;
mod slots;

/// How often one call follows the nodes' word where a slot is.
const REDIRECTS_MAX: usize = 5;
/// So answers a node while a part of the cluster is missing, or it is itself cut off.
const DOWN: &str = "CLUSTERDOWN";
/// Between two questions for the whole map.
const ASK_PERIOD: Duration = Duration::from_millis(200);

/// A cluster. Cheap to clone; clones share the map and the connections.
#[derive(Clone)]
pub(crate) struct Cluster(Arc<Inner>);

struct Inner {
    dialer: Dialer,
    map: Mutex<Map>,
    /// One question for the map at a time: the answer is for all.
    asking: AsyncMutex<()>,
    /// Told when a slot has another owner than before.
    moves: watch::Sender<u64>,
}

/// What is known of the cluster.
struct Map {
    nodes: BTreeMap<Address, Node>,
    owners: Owners,
    /// Those that the configuration names.
    seeds: Vec<Address>,
    asked: Option<Instant>,
    /// Those that did not answer, or not as they should: perhaps others have their slots by now.
    doubted: BTreeSet<Address>,
    /// Counts the servers that were ever known, and the questions.
    count: u64,
}

impl Cluster {
    pub(super) fn new(seeds: Vec<(String, u16)>, dialer: Dialer) -> Self {
        let seeds = seeds.into_iter().map(|(host, port)| Address { host, port }).collect();
        Self(Arc::new(Inner {
            dialer,
            map: Mutex::new(Map {
                nodes: BTreeMap::new(),
                owners: Owners::default(),
                seeds,
                asked: None,
                doubted: BTreeSet::new(),
                count: 0,
            }),
            asking: AsyncMutex::default(),
            moves: watch::Sender::default(),
        }))
    }

    /// Tells each time that a slot has another owner than before.
    pub(super) fn moves(&self) -> watch::Receiver<u64> {
        self.0.moves.subscribe()
    }

    /// Notes that a server may have lost its slots: the next call for one of them asks first.
    pub(super) fn doubt(&self, node: &Node) {
        if let Some(address) = address_of(node) {
            self.map().doubted.insert(address);
        }
    }

    /// Returns the server of a slot as far as it is known; any of the cluster's otherwise.
    pub(super) fn known_node(&self, slot: Option<Slot>) -> Node {
        let mut map = self.map();
        let owner = slot.and_then(|slot| map.owners.of(slot)).cloned();
        let any = || {
            let mut all = map.nodes.keys().chain(&map.seeds);
            all.clone().find(|it| !map.doubted.contains(it)).or_else(|| all.next()).cloned()
        };
        let address = owner.or_else(any).unwrap_or(Address { host: String::new(), port: 0 });
        map.node(&address, &self.0.dialer)
    }

    /// Returns the server of a slot; asks for the map before if it may be wrong there.
    pub(super) async fn node(&self, slot: Option<Slot>) -> RedisResult<Node> {
        if self.is_due(slot) {
            self.look(slot).await?;
        }
        Ok(self.known_node(slot))
    }

    /// Returns one slot of each server that has any.
    pub(super) async fn slot_of_each(&self) -> RedisResult<Vec<Slot>> {
        self.node(None).await?;
        let map = self.map();
        if map.is_known() { Ok(map.owners.slot_of_each()) } else { Err(no_slots()) }
    }

    /// Asks for the map.
    ///
    /// # Errors
    /// Only while none is known.
    pub(super) async fn refresh(&self) -> RedisResult<()> {
        let before = self.map().asked;
        let _turn = self.0.asking.lock().await;
        // Somebody may have asked while we waited.
        if self.map().asked == before { self.ask_all().await } else { Ok(()) }
    }

    async fn look(&self, slot: Option<Slot>) -> RedisResult<()> {
        let _turn = self.0.asking.lock().await;
        if self.is_due(slot) { self.ask_all().await } else { Ok(()) }
    }

    async fn ask_all(&self) -> RedisResult<()> {
        let mut first_error = None;
        for address in self.to_ask() {
            let node = self.map().node(&address, &self.0.dialer);
            let question = redis::cmd("CLUSTER").arg("SLOTS").clone();
            let asked = node.shared().req_packed_command(&question).await;
            let read = |reply| slots::read(reply, &address.host);
            match asked.and_then(Value::extract_error).and_then(read) {
                Ok(ranges) if !ranges.is_empty() => {
                    self.draw(ranges);
                    return Ok(());
                }
                Ok(_none) => first_error = first_error.or_else(|| Some(no_slots())),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        let mut map = self.map();
        map.asked = Some(Instant::now());
        if map.is_known() { Ok(()) } else { Err(first_error.unwrap_or_else(no_slots)) }
    }

    /// Sends a command to where its slot is; to any server without one.
    pub(super) async fn call(&self, slot: Option<Slot>, command: &Cmd) -> RedisResult<Value> {
        let mut node = self.node(slot).await?;
        for _ in 0..REDIRECTS_MAX {
            let answer = node.shared().req_packed_command(command).await;
            let Some(redirect) = Redirect::of(&answer, &host_of(&node)) else {
                if is_gone(&answer) {
                    self.doubt(&node);
                }
                return answer;
            };
            node = match redirect {
                Redirect::Moved { slot, owner } => self.learn(slot, &owner),
                Redirect::Ask(address) if !is_script(command) => {
                    let there = self.map().node(&address, &self.0.dialer);
                    let answer = ask(&there, command).await;
                    if is_gone(&answer) {
                        self.doubt(&there);
                    }
                    return answer;
                }
                Redirect::Ask(_) | Redirect::Later => return Err(handed_over()),
            };
        }
        Err(handed_over())
    }

    /// Sends commands together. Those that belong elsewhere by now follow one by one.
    pub(super) async fn call_all(
        &self,
        slot: Option<Slot>,
        pipeline: &Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisResult<Vec<Value>> {
        let node = self.node(slot).await?;
        let sent = node.shared().req_packed_commands(pipeline, offset, count).await;
        if sent.as_ref().map_or_else(is_of_server, |all| all.iter().any(says_gone)) {
            self.doubt(&node);
        }
        let mut answers = sent?;
        let own_host = host_of(&node);
        for (answer, command) in answers.iter_mut().zip(pipeline.cmd_iter()) {
            if Redirect::of_value(answer, &own_host).is_some() {
                *answer = self.call(slot, command).await?;
            }
        }
        Ok(answers)
    }

    /// Returns whether the map should be asked for before a call to this slot, or to any.
    fn is_due(&self, slot: Option<Slot>) -> bool {
        let map = self.map();
        if map.asked.is_some_and(|asked| asked.elapsed() < ASK_PERIOD) {
            return false;
        }
        match slot {
            None => !map.is_known(),
            Some(slot) => map.owners.of(slot).is_none_or(|owner| map.doubted.contains(owner)),
        }
    }

    /// Returns whom to ask, each time another one first: one that was cut off from the others has an old map.
    fn to_ask(&self) -> Vec<Address> {
        let mut map = self.map();
        map.count += 1;
        let turn = map.count;
        let mut all: Vec<Address> = map.nodes.keys().chain(&map.seeds).cloned().collect();
        all.sort();
        all.dedup();
        let turn = usize::try_from(turn).unwrap_or_default() % all.len().max(1);
        all.rotate_left(turn);
        all.sort_by_key(|address| map.doubted.contains(address));
        all
    }

    /// Takes over a map.
    fn draw(&self, ranges: Vec<Range>) {
        let kept: BTreeSet<Address> = ranges.iter().map(|range| range.owner.clone()).collect();
        let owners: Owners = ranges.into_iter().collect();
        let mut map = self.map();
        let has_moved = owners != map.owners;
        let Map { nodes, seeds, .. } = &mut *map;
        nodes.retain(|address, _| seeds.contains(address) || kept.contains(address));
        map.owners = owners;
        map.asked = Some(Instant::now());
        map.doubted.clear();
        drop(map);
        if has_moved {
            self.0.moves.send_modify(|moves| *moves = moves.wrapping_add(1));
        }
    }

    /// Notes one slot's new owner.
    fn learn(&self, slot: Slot, owner: &Address) -> Node {
        let mut map = self.map();
        let node = map.node(owner, &self.0.dialer);
        let is_news = map.owners.of(slot) != Some(owner);
        if is_news {
            map.owners.put(Range { first: slot, last: slot, owner: owner.clone() });
        }
        drop(map);
        if is_news {
            self.0.moves.send_modify(|moves| *moves = moves.wrapping_add(1));
        }
        node
    }

    fn map(&self) -> MutexGuard<'_, Map> {
        self.0.map.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Map {
    fn is_known(&self) -> bool {
        !self.owners.is_empty()
    }

    fn node(&mut self, address: &Address, dialer: &Dialer) -> Node {
        if let Some(node) = self.nodes.get(address) {
            return node.clone();
        }
        self.count += 1;
        let node = Node::new(self.count, dialer.at(address.host.clone(), address.port));
        self.nodes.insert(address.clone(), node.clone());
        node
    }
}

/// A key that is on its way is asked for where it arrives.
async fn ask(there: &Node, command: &Cmd) -> RedisResult<Value> {
    let mut pipeline = redis::pipe();
    pipeline.cmd("ASKING").add_command(command.clone());
    let answers = there.shared().req_packed_commands(&pipeline, 0, 2).await?;
    answers.into_iter().nth(1).ok_or_else(handed_over)
}

/// Returns whether an answer says that the server is gone, or that its cluster has given it up.
fn is_gone(answer: &RedisResult<Value>) -> bool {
    answer.as_ref().map_or_else(is_of_server, says_gone)
}

fn is_of_server(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Io || error.code() == Some(DOWN)
}

fn says_gone(value: &Value) -> bool {
    matches!(value, Value::ServerError(error) if error.code() == DOWN)
}

fn address_of(node: &Node) -> Option<Address> {
    let (host, port) = match node.endpoint().address()? {
        ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => (host, port),
        ConnectionAddr::Unix(_) | _ => return None,
    };
    Some(Address { host: host.clone(), port: *port })
}

fn host_of(node: &Node) -> String {
    address_of(node).map(|address| address.host).unwrap_or_default()
}

fn handed_over() -> RedisError {
    passing(ON_THE_WAY)
}

fn no_slots() -> RedisError {
    passing("no node of the cluster says where its slots are")
}
