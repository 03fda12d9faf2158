//! What a simulator is started with.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::account::Merchant;
use crate::idempotency::IdempotencyHeader;
use crate::latency::Latency;
use crate::limits::{Limit, Limits};

/// How a simulator behaves. Limits, latency, lag and faults can be changed while it runs.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen. Port 0 lets the system choose. The control routes need no key, so keep it on
    /// loopback. Defaults to `127.0.0.1:0`.
    pub listen: SocketAddr,
    /// Where to listen besides; these are the listeners 2, 3, … that a fault may name. Defaults to none.
    pub also_listen: Vec<SocketAddr>,
    /// The secret keys to accept, besides those of `merchants`. Each is an account of its own. `None`
    /// accepts every non-empty key. Defaults to `None`.
    pub secret_keys: Option<Vec<SecretKey>>,
    /// Accounts with several keys. Defaults to none.
    pub merchants: Vec<Merchant>,
    /// The limits of each account, all in force. None at all lifts the limit, and then answers carry
    /// no rate headers. Defaults to `2/1s`.
    pub limits: Limits,
    /// Whether create, get, list and expire have windows of their own, as Xendit's documentation
    /// says, instead of sharing those of the account. Defaults to false, the stricter reading.
    pub limits_per_endpoint: bool,
    /// Whether a request answered 429 fills the window, too. Xendit does not say. Defaults to false.
    pub refused_requests_count: bool,
    /// How long answers take. Defaults to none.
    pub latency: Latency,
    /// How long after its creation an invoice stays invisible in lists. `GET` by id always sees it.
    /// Defaults to none.
    pub list_lag: Duration,
    /// How long a connection may be silent before it is closed, unless an answer is under way: before its first
    /// request, between two, or within one that stalls. Zero: for ever. Defaults to zero.
    pub idle_timeout: Duration,
    /// Whether creates with an idempotency key are told apart. Defaults to [`IdempotencyHeader::Off`], as Xendit's
    /// documentation has no such key for invoices.
    pub idempotency_header: IdempotencyHeader,
    /// The seed of latencies, fault probabilities and invoice ids. Defaults to 0.
    pub seed: u64,
    /// How many arrivals the ledger holds before it forgets the oldest. Defaults to 1,000,000.
    pub ledger_capacity: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            also_listen: Vec::new(),
            secret_keys: None,
            merchants: Vec::new(),
            limits: Limits(vec![Limit { requests: 2, window: Duration::from_secs(1) }]),
            limits_per_endpoint: false,
            refused_requests_count: false,
            latency: Latency::NONE,
            list_lag: Duration::ZERO,
            idle_timeout: Duration::ZERO,
            idempotency_header: IdempotencyHeader::Off,
            seed: 0,
            ledger_capacity: 1_000_000,
        }
    }
}

/// A secret key that cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(String);

impl SecretKey {
    /// Takes a key as it is.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl From<&str> for SecretKey {
    fn from(key: &str) -> Self {
        Self::new(key)
    }
}

impl From<&String> for SecretKey {
    fn from(key: &String) -> Self {
        Self::new(key.as_str())
    }
}
