//! The claims that a worker holds: heartbeats renew them, and a stop hands them back.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use antre_store::claim::Grant;
use tokio::sync::OwnedSemaphorePermit;

/// A claim from its grant to its finish. Dropping it frees the slot.
#[derive(Debug)]
pub struct HeldClaim {
    /// The grant.
    pub grant: Grant,
    sending_since: OnceLock<Instant>,
    is_ending: AtomicBool,
    _slot: OwnedSemaphorePermit,
}

impl HeldClaim {
    /// Notes that from now on the request may be on its way.
    pub fn note_sending(&self) {
        self.sending_since.get_or_init(Instant::now);
    }

    /// Returns whether the request may have been sent.
    pub fn may_be_sent(&self) -> bool {
        self.sending_since.get().is_some()
    }

    /// Notes that Redis is being told of its end: from now on the lease may be gone.
    pub fn note_ending(&self) {
        self.is_ending.store(true, Ordering::Release);
    }

    /// Returns whether Redis is being told of its end.
    pub fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Acquire)
    }

    /// Returns how long the request may have been on its way; zero before.
    pub fn answer_awaited(&self) -> Duration {
        self.sending_since.get().map(Instant::elapsed).unwrap_or_default()
    }
}

/// All claims of one account that this worker holds, by claim token.
#[derive(Debug, Default)]
pub struct Running(Mutex<HashMap<String, Arc<HeldClaim>>>);

impl Running {
    /// Takes a grant in.
    pub fn hold(&self, grant: Grant, slot: OwnedSemaphorePermit) -> Arc<HeldClaim> {
        let claim_token = grant.claim_token.clone();
        let held = Arc::new(HeldClaim {
            grant,
            sending_since: OnceLock::new(),
            is_ending: AtomicBool::new(false),
            _slot: slot,
        });
        self.lock().insert(claim_token, Arc::clone(&held));
        held
    }

    /// Lets a grant go: it is finished or belongs to somebody else.
    pub fn release(&self, held: &HeldClaim) {
        self.lock().remove(&held.grant.claim_token);
    }

    /// Returns all claims held now.
    pub fn all(&self) -> Vec<Arc<HeldClaim>> {
        self.lock().values().cloned().collect()
    }

    /// Returns the number of claims held now.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<HeldClaim>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
