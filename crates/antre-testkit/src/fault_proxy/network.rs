//! The state of the bad network, shared by all connections of one proxy.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

/// A direction through the proxy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    /// Requests.
    ToServer,
    /// Answers.
    ToClient,
}

/// How one direction delivers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Flow {
    /// At once.
    #[default]
    Open,
    /// Not at all, until changed; bytes are kept, up to 1 MiB for each connection.
    Stalled,
    /// This much later.
    Delayed(Duration),
}

/// What a proxy has seen since its start.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Counts {
    /// Connections that clients opened, refused ones included.
    pub connections: u64,
    /// Connections that were reset at once, because the link was cut or the server was missing.
    pub refused: u64,
    /// Bytes delivered to the server.
    pub to_server_bytes: u64,
    /// Bytes delivered to clients.
    pub to_client_bytes: u64,
    /// Bytes that clients wrote, delivered or not: more than those delivered while some are held back.
    pub from_clients_bytes: u64,
}

#[derive(Debug, Default)]
pub(super) struct Network {
    to_server: Lane,
    to_client: Lane,
    is_refusing: watch::Sender<bool>,
    /// Present connections hold a receiver: true cuts them, and the sender sees the last one go.
    generation: Mutex<watch::Sender<bool>>,
    connections: AtomicU64,
    refused: AtomicU64,
}

/// One direction of all connections.
#[derive(Debug, Default)]
pub(super) struct Lane {
    flow: watch::Sender<Flow>,
    taken_bytes: AtomicU64,
    bytes: AtomicU64,
}

impl Lane {
    /// Returns the present delay.
    pub(super) fn delay(&self) -> Duration {
        match *self.flow.borrow() {
            Flow::Open | Flow::Stalled => Duration::ZERO,
            Flow::Delayed(delay) => delay,
        }
    }

    /// Returns at once unless the direction is stalled.
    pub(super) async fn wait_while_stalled(&self) {
        // Fails only once the sender is gone, which `self` holds.
        self.flow.subscribe().wait_for(|flow| *flow != Flow::Stalled).await.ok();
    }

    pub(super) fn count_taken(&self, bytes: usize) {
        self.taken_bytes.fetch_add(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn count_bytes(&self, bytes: usize) {
        self.bytes.fetch_add(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl Network {
    pub(super) fn lane(&self, direction: Direction) -> &Lane {
        match direction {
            Direction::ToServer => &self.to_server,
            Direction::ToClient => &self.to_client,
        }
    }

    pub(super) fn set_flow(&self, direction: Direction, flow: Flow) {
        self.lane(direction).flow.send_replace(flow);
    }

    pub(super) fn set_flows(&self, flow: Flow) {
        self.set_flow(Direction::ToServer, flow);
        self.set_flow(Direction::ToClient, flow);
    }

    pub(super) fn set_refusing(&self, is_refusing: bool) {
        self.is_refusing.send_replace(is_refusing);
    }

    /// Counts a new connection and returns its end signal, or `None` if it is to be reset.
    pub(super) fn admit(&self) -> Option<watch::Receiver<bool>> {
        self.connections.fetch_add(1, Ordering::Relaxed);
        // Under the lock, so that a cut either refuses this connection or sees it.
        let generation = self.lock_generation();
        if *self.is_refusing.borrow() {
            self.count_refused();
            return None;
        }
        Some(generation.subscribe())
    }

    pub(super) fn count_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Cuts every admitted connection and returns when the last one is closed.
    pub(super) async fn cut_current(&self) {
        let ending = std::mem::take(&mut *self.lock_generation());
        ending.send_replace(true);
        ending.closed().await;
    }

    pub(super) fn counts(&self) -> Counts {
        Counts {
            connections: self.connections.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            to_server_bytes: self.to_server.bytes.load(Ordering::Relaxed),
            to_client_bytes: self.to_client.bytes.load(Ordering::Relaxed),
            from_clients_bytes: self.to_server.taken_bytes.load(Ordering::Relaxed),
        }
    }

    fn lock_generation(&self) -> MutexGuard<'_, watch::Sender<bool>> {
        self.generation.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
