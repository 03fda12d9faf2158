//! What all accounts of a process share.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use antre_store::Redis;

use crate::{gate::Gate, link::Link};

/// What all accounts of a process share.
#[derive(Debug, Default)]
pub struct Process {
    /// Claims that may be on their way.
    pub(crate) claims: Gate,
    links: Mutex<BTreeMap<u64, Arc<Link>>>,
}

impl Process {
    /// Returns what is known of the server of this handle.
    pub(crate) fn link(&self, redis: &Redis) -> Arc<Link> {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(links.entry(redis.server_number()).or_default())
    }
}
