//! The knowledge of a process about one Redis server, the same for every account there: so no account is blamed for it.

use tokio::sync::Notify;

use crate::outage::Outage;

/// What may be out of order for all accounts of a server at once.
#[derive(Debug)]
pub(crate) struct Link {
    /// The server takes writes from this user.
    pub(crate) server: Outage,
    pub(crate) intake: Outage,
    pub(crate) wakes: Outage,
    /// Something hints that the server is no longer what it was.
    pub(crate) suspected: Notify,
    /// The key of an account was shown to be its own, or a stranger's.
    pub(crate) standing: Notify,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            server: Outage::new("redis server"),
            intake: Outage::new("redis: intake connection"),
            wakes: Outage::new("redis: wake connection"),
            suspected: Notify::new(),
            standing: Notify::new(),
        }
    }
}

impl Link {
    /// Returns why no account of the server is served, if so.
    pub(crate) fn obstacle(&self) -> Option<String> {
        [&self.server, &self.intake, &self.wakes].into_iter().find_map(Outage::reason)
    }
}
