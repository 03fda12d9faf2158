//! The workers of an account, as their heartbeats show them.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;

use super::{Breaker, Heartbeat, Status};
use crate::decode::Fields;

/// Workers give a sign of life every few seconds; after this long one is taken for gone.
pub const WORKER_SILENT: Duration = Duration::from_secs(15);

/// What a worker said of itself last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct WorkerSeen {
    /// When, Unix milliseconds; 0 if that cannot be read.
    pub seen_ms: u64,
    /// What.
    #[serde(flatten)]
    pub said: Heartbeat,
}

impl WorkerSeen {
    /// Returns how long ago that was.
    pub fn silence(&self, now_ms: u64) -> Duration {
        Duration::from_millis(now_ms.saturating_sub(self.seen_ms))
    }

    /// Returns whether it gave a sign of life lately.
    pub fn is_live(&self, now_ms: u64) -> bool {
        self.silence(now_ms) <= WORKER_SILENT
    }
}

/// Reads the heartbeats. What another program wrote there is a worker that was never seen.
pub(super) fn decode(records: Fields) -> BTreeMap<String, WorkerSeen> {
    let seen = |json: &str| serde_json::from_str(json).unwrap_or_default();
    records.into_iter().map(|(name, json)| (name, seen(&json))).collect()
}

impl Status {
    /// Returns the workers that gave a sign of life lately, by name.
    pub fn live_workers(&self) -> impl Iterator<Item = (&str, &WorkerSeen)> {
        let all = self.workers.iter().map(|(name, seen)| (name.as_str(), seen));
        all.filter(|(_name, seen)| seen.is_live(self.now_ms))
    }

    /// Returns whether a worker gave a sign of life lately.
    pub fn is_served(&self) -> bool {
        self.live_workers().next().is_some()
    }

    /// When each live worker is closed by itself, the account is: nothing is sent.
    pub(super) fn breaker_of_all_workers(&self) -> Option<Breaker> {
        let mut found = None;
        for (worker, _seen) in self.live_workers() {
            let breaker = self.closed_workers.get(worker)?;
            found = found.or(Some(breaker));
        }
        found.cloned()
    }
}
