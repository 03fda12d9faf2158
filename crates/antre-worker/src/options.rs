//! A worker's options at its start.

use std::time::Duration;

use antre_core::account::AccountName;
pub use antre_store::claim::Durability;
use antre_xendit::body::notification;

/// One account that a worker serves.
#[derive(Debug, Clone)]
pub struct AccountOptions {
    /// The account's name.
    pub name: AccountName,
    /// How to reach Xendit for it.
    pub client: antre_xendit::Settings,
    /// The limits and times to put in force.
    pub settings: antre_store::settings::Settings,
    /// Requests of this worker that may run at once for this account. Defaults to 5 in the command.
    pub concurrency: usize,
    /// What is added to invoices so that customers hear of them.
    pub notification: notification::Settings,
    /// Whether to serve a live key from a Redis that may lose data. See [`crate::watch`].
    pub accept_volatile_redis: bool,
    /// Retries of jobs that do not say; the first try is not one of them.
    pub max_retries: u32,
}

/// What a worker is told at its start.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// A name that no other worker of the fleet has.
    pub name: String,
    /// The accounts to serve.
    pub accounts: Vec<AccountOptions>,
    /// How long running requests may take after the order to stop. Should exceed the request time-out.
    pub grace: Duration,
    /// When a claim counts as kept.
    pub durability: Durability,
    /// Whether the process answers over HTTP. One such worker reports the metrics of the whole fleet.
    pub has_http: bool,
}
