//! The command line of the simulator, also for programs that embed it.

use std::net::SocketAddr;
use std::time::Duration;

use crate::account::Merchant;
use crate::idempotency::IdempotencyHeader;
use crate::latency::Latency;
use crate::limits::Limits;
use crate::options::{Options, SecretKey};
use crate::span::parse_span;

/// Run a simulated Xendit with the invoice API, scripted faults and a ledger of every arrival.
#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// Where to listen; port 0 lets the system choose
    #[arg(long, default_value = "127.0.0.1:8900")]
    pub listen: SocketAddr,
    /// Listen here, too (may be given several times): listeners 2, 3, … that a fault may name
    #[arg(long, value_name = "ADDRESS")]
    pub also_listen: Vec<SocketAddr>,
    /// Accept this secret key only (may be given several times); any key otherwise
    #[arg(long = "secret-key", value_name = "KEY")]
    pub secret_keys: Vec<SecretKey>,
    /// Make these keys one account, as NAME=key1,key2 (may be given several times); otherwise each key
    /// is an account of its own
    #[arg(long = "merchant", value_name = "NAME=KEYS")]
    pub merchants: Vec<Merchant>,
    /// Requests allowed in any window, as in 2/1s,60/1m; `none` lifts the limit
    #[arg(long = "limit", default_value = "2/1s")]
    pub limits: Limits,
    /// Count create, get, list and expire in windows of their own
    #[arg(long)]
    pub limits_per_endpoint: bool,
    /// Let requests answered 429 fill the window, too
    #[arg(long)]
    pub refused_requests_count: bool,
    /// How long answers take: 50ms, 20-300ms or tail:80ms:2s (median and 99th percentile)
    #[arg(long, default_value = "0ms")]
    pub latency: Latency,
    /// How long a new invoice stays invisible in lists
    #[arg(long, default_value = "0ms", value_parser = parse_span)]
    pub list_lag: Duration,
    /// How long a connection may be idle before it is closed, as in 60s; 0: for ever
    #[arg(long, default_value = "0", value_parser = parse_span)]
    pub idle_timeout: Duration,
    /// Whether a create whose Idempotency-key (or X-IDEMPOTENCY-KEY) came before makes no second invoice;
    /// Xendit documents no such header for invoices
    #[arg(long, value_enum, default_value_t)]
    pub idempotency_header: IdempotencyHeader,
    /// Seed of latencies, fault probabilities and invoice ids
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// How many arrivals the ledger holds before it forgets the oldest
    #[arg(long, default_value_t = 1_000_000)]
    pub ledger_capacity: usize,
}

impl From<Arguments> for Options {
    fn from(arguments: Arguments) -> Self {
        let keys = arguments.secret_keys;
        Self {
            listen: arguments.listen,
            also_listen: arguments.also_listen,
            secret_keys: (!keys.is_empty()).then_some(keys),
            merchants: arguments.merchants,
            limits: arguments.limits,
            limits_per_endpoint: arguments.limits_per_endpoint,
            refused_requests_count: arguments.refused_requests_count,
            latency: arguments.latency,
            list_lag: arguments.list_lag,
            idle_timeout: arguments.idle_timeout,
            idempotency_header: arguments.idempotency_header,
            seed: arguments.seed,
            ledger_capacity: arguments.ledger_capacity,
        }
    }
}
