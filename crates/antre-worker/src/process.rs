//! The knowledge of a process about its Redis, the same for every account: so no account is blamed for it.

use tokio::sync::Notify;

use crate::{gate::Gate, outage::Outage};

/// What may be out of order for all accounts of a process at once.
#[derive(Debug)]
pub struct Process {
    /// The server takes writes from this user.
    pub(crate) server: Outage,
    pub(crate) intake: Outage,
    pub(crate) wakes: Outage,
    /// Something hints that the server is no longer what it was.
    pub(crate) suspected: Notify,
    /// The key of an account was shown to be its own, or a stranger's.
    pub(crate) standing: Notify,
    /// Claims that may be on their way.
    pub(crate) claims: Gate,
}

impl Default for Process {
    fn default() -> Self {
        Self {
            server: Outage::new("redis server"),
            intake: Outage::new("redis: intake connection"),
            wakes: Outage::new("redis: wake connection"),
            suspected: Notify::new(),
            standing: Notify::new(),
            claims: Gate::default(),
        }
    }
}

impl Process {
    /// Returns why no account is served, if so.
    pub(crate) fn obstacle(&self) -> Option<String> {
        [&self.server, &self.intake, &self.wakes].into_iter().find_map(Outage::reason)
    }
}
