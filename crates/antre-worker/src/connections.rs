//! Open connections to Xendit, made outside of grants so that a granted request leaves at once.

use std::sync::{Mutex, PoisonError};

use antre_xendit::api::outcome::NotSent;
use antre_xendit::{Client, Connection};

/// The idle connections of one account.
#[derive(Debug)]
pub(crate) struct Connections {
    client: Client,
    idle: Mutex<Vec<Connection>>,
    idle_max: usize,
}

impl Connections {
    pub(crate) fn new(client: Client, idle_max: usize) -> Self {
        Self { client, idle: Mutex::new(Vec::new()), idle_max }
    }

    /// Returns a connection that is open as far as this side can know; opens one if there is none.
    pub(crate) async fn take(&self) -> Result<Connection, NotSent> {
        match self.take_idle().await {
            Some(connection) => Ok(connection),
            None => self.client.connect().await,
        }
    }

    /// Returns one of the open connections, if there is any; opens none.
    pub(crate) async fn take_idle(&self) -> Option<Connection> {
        loop {
            let mut connection = self.lock().pop()?;
            if connection.is_fresh() && connection.is_open().await {
                return Some(connection);
            }
        }
    }

    /// Puts a connection back after its request; drops it when there are enough.
    pub(crate) fn put(&self, connection: Connection) {
        let mut idle = self.lock();
        if idle.len() < self.idle_max {
            idle.push(connection);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
