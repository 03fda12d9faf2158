//! Everything the simulated Xendit knows, shared by all its connections.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::account::{Accounts, digest};
use crate::book::{Book, Invoice};
use crate::clock::Clock;
use crate::faults::{Plan, Script, Target};
use crate::gate::Gate;
use crate::idempotency::Replays;
use crate::latency::Latency;
use crate::ledger::{Ledger, Summary};
use crate::locked::locked;
use crate::options::Options;
use crate::server::Listener;

/// The state of a simulator. Each part has its own lock, held for no longer than one look-up.
#[derive(Debug)]
pub(crate) struct Simulation {
    pub(crate) clock: Clock,
    pub(crate) accounts: Accounts,
    /// The addresses listened on; the number of the first is 1.
    pub(crate) listeners: Mutex<Vec<SocketAddr>>,
    pub(crate) gate: Gate,
    pub(crate) ledger: Ledger,
    pub(crate) script: Script,
    pub(crate) book: Mutex<Book>,
    pub(crate) tempo: Mutex<Tempo>,
    pub(crate) replays: Replays,
    /// Zero: connections may be idle for ever.
    pub(crate) idle_timeout: Duration,
    /// Tells this simulator's request ids from another's.
    born: DateTime<Utc>,
    random: Mutex<StdRng>,
}

/// How fast answers and lists are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tempo {
    pub(crate) latency: Latency,
    pub(crate) list_lag: Duration,
}

impl Simulation {
    pub(crate) fn new(options: Options) -> Self {
        let mut random = StdRng::seed_from_u64(options.seed);
        Self {
            clock: Clock::start(),
            accounts: Accounts::new(options.secret_keys.as_deref(), &options.merchants),
            listeners: Mutex::default(),
            gate: Gate::new(
                options.limits,
                options.limits_per_endpoint,
                options.refused_requests_count,
            ),
            ledger: Ledger::with_capacity(options.ledger_capacity),
            script: Script::default(),
            book: Mutex::new(Book::new(&mut random)),
            tempo: Mutex::new(Tempo { latency: options.latency, list_lag: options.list_lag }),
            replays: Replays::new(options.idempotency_header),
            idle_timeout: options.idle_timeout,
            born: Utc::now(),
            random: Mutex::new(random),
        }
    }

    pub(crate) fn tempo(&self) -> Tempo {
        *locked(&self.tempo)
    }

    pub(crate) fn draw_latency(&self) -> Duration {
        match self.tempo().latency {
            Latency::Constant(latency) => latency,
            latency @ (Latency::Uniform { .. } | Latency::LongTail { .. }) => {
                latency.draw(&mut *locked(&self.random))
            }
        }
    }

    pub(crate) fn strike(&self, target: Target<'_>) -> Plan {
        self.script.strike(target, &mut *locked(&self.random))
    }

    /// Returns the id of a request, for the header by which Xendit's support finds it.
    pub(crate) fn request_id(&self, sequence: u64) -> String {
        digest(&format!("{}/{sequence}", self.born), 16)
    }

    pub(crate) fn listeners(&self) -> Vec<Listener> {
        let numbered = (1..).zip(locked(&self.listeners).clone());
        numbered.map(|(number, address)| Listener { number, address }).collect()
    }

    pub(crate) fn wall_now(&self) -> DateTime<Utc> {
        self.clock.now().wall
    }

    pub(crate) fn expire_all_by_hand(&self, external_id: &str) -> Vec<Invoice> {
        let now = self.clock.now();
        let mut book = locked(&self.book);
        let all = book.all(Some(external_id));
        all.iter().filter_map(|one| book.expire_by_hand(&one.id, now).ok().cloned()).collect()
    }

    /// Sums up ledger and invoices; slow when there are many of them.
    pub(crate) fn summarize(&self, window: Duration) -> Summary {
        let (created, payable) = {
            let book = locked(&self.book);
            (book.len(), book.payable(self.clock.now()))
        };
        self.ledger.summarize(window, created, payable)
    }
}
