//! One worker process: apalis' monitor over one worker an account, and the services around them.

use std::{future::Future, sync::Arc, time::Duration};

use antre_core::account::AccountName;
use antre_operating::{UNREPLICATED_AFTER, explain_stranger, of_closed_worker};
use antre_store::{Redis, StoreError, server::Server};
use apalis::{
    layers::WorkerBuilderExt,
    prelude::{Monitor, WorkerBuilder},
};
use apalis_core::monitor::MonitorError;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    AccountOptions, WorkerOptions,
    account::Account,
    acknowledge,
    backend::AccountBackend,
    claimer::give_back,
    deliver::deliver,
    heartbeat, intake, measures,
    process::Process,
    report,
    servers::{self, Share},
    start, sweep, wake_listener, watch,
};

/// How long the last words to Redis may take at a stop.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Why a worker cannot start or ended by itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// There is nothing to serve.
    #[error("no account is configured")]
    NoAccount,
    /// An account's options cannot be used.
    #[error("account {account}: {source}")]
    Client {
        /// The account.
        account: String,
        /// What is wrong.
        source: antre_xendit::ClientError,
    },
    /// The account's data was written by a newer version.
    #[error("account {account}: {source}")]
    Format {
        /// The account.
        account: String,
        /// The numbers.
        source: StoreError,
    },
    /// The server at this address will not do, however long one waits.
    #[error("{0}")]
    Server(#[source] StoreError),
    /// apalis' monitor ended with an error.
    #[error("the monitor failed: {0}")]
    Monitor(#[source] MonitorError),
}

/// Serves its accounts until it is told to stop.
#[derive(Debug)]
pub struct Worker {
    redis: Redis,
    accounts: Vec<Arc<Account>>,
    grace: Duration,
    stopping: CancellationToken,
}

/// Tells whether a worker serves all its accounts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Readiness {
    accounts: Vec<Arc<Account>>,
}

impl Readiness {
    /// Returns why an account is not served, in plain words and without secrets: the first reason found.
    /// `None` when all are.
    pub fn obstacle(&self) -> Option<String> {
        let mut accounts = self.accounts.iter();
        let of_server = accounts.clone().find_map(|account| account.link().obstacle());
        of_server.or_else(|| accounts.find_map(|account| of_account(account)))
    }
}

fn of_account(account: &Account) -> Option<String> {
    let not_ours = |reason: &str| {
        format!("this worker's key was not shown to be the account's: {}", explain_stranger(reason))
    };
    let reason = if account.is_durable()
        && let Some(reason) = account.stranger()
    {
        not_ours(&reason)
    } else if account.is_durable() && account.is_unproven() {
        not_ours("unproven")
    } else if account.is_durable()
        && let Some(closed) = account.closed()
    {
        of_closed_worker(&account.worker.name, &closed)
    } else if let Some(trouble) = account.trouble() {
        trouble
    } else if let Some(reason) = account.replica_outage.reason_after(UNREPLICATED_AFTER) {
        reason
    } else if !account.is_configured() {
        "its settings are not in force yet".to_owned()
    } else {
        return None;
    };
    Some(format!("account {}: {reason}", account.name()))
}

impl Worker {
    /// Prepares a worker; nothing is connected yet.
    ///
    /// # Errors
    /// [`WorkerError::NoAccount`], or [`WorkerError::Client`] when an account's address or key cannot be used.
    pub fn new(redis: Redis, mut options: WorkerOptions) -> Result<Self, WorkerError> {
        let stopping = CancellationToken::new();
        let process: Arc<Process> = Arc::default();
        let accounts: Vec<AccountOptions> = std::mem::take(&mut options.accounts);
        let accounts = accounts
            .into_iter()
            .map(|account| {
                let name = account.name.to_string();
                Account::new(&redis, account, &options, stopping.clone(), Arc::clone(&process))
                    .map(Arc::new)
                    .map_err(|source| WorkerError::Client { account: name, source })
            })
            .collect::<Result<Vec<_>, _>>()?;
        if accounts.is_empty() {
            return Err(WorkerError::NoAccount);
        }
        Ok(Self { redis, accounts, grace: options.grace, stopping })
    }

    /// Returns the worker's readiness, for a probe.
    pub fn readiness(&self) -> Readiness {
        Readiness { accounts: self.accounts.clone() }
    }

    /// Waits until Redis is there and takes all that this worker asks, and returns what it is.
    ///
    /// # Errors
    /// [`WorkerError::Server`] when waiting is of no use: a Sentinel, a version too old, a replica that stays one, or a
    /// node of a cluster that stays down.
    pub async fn await_redis(&self) -> Result<Server, WorkerError> {
        start::await_redis(&self.redis, &self.names(), &self.accounts).await
    }

    fn names(&self) -> Vec<AccountName> {
        self.accounts.iter().map(|account| account.options.name.clone()).collect()
    }

    /// Serves until `stop` is ready, then lets running requests finish for the grace time and hands
    /// back what outlasts it. Redis and Xendit may come and go meanwhile.
    ///
    /// # Errors
    /// [`WorkerError::Format`] when a newer version wrote the data; [`WorkerError::Monitor`] never in order.
    pub async fn run(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), WorkerError> {
        tokio::pin!(stop);
        measures::begin(self.accounts.iter().map(|account| account.name()));
        let mut services = JoinSet::new();
        services.spawn(self.for_each_server(watch::watch_server));
        for account in &self.accounts {
            tokio::select! {
                configured = start::configure(account) => configured?,
                () = &mut stop => return Ok(()),
            }
        }
        self.start_services(&mut services);
        let result = self.monitor(stop).await;
        services.shutdown().await;
        let farewell = tokio::time::timeout(LAST_WORDS, self.let_go()).await;
        if farewell.is_err() {
            tracing::warn!("redis did not take the last words: leases will run out by themselves");
        }
        result
    }

    /// Takes the heartbeats away of a worker that ends before it serves.
    pub async fn leave(&self) {
        tokio::time::timeout(LAST_WORDS, self.let_go()).await.ok();
    }

    async fn monitor(&self, stop: impl Future<Output = ()> + Send) -> Result<(), WorkerError> {
        let mut monitor = Monitor::new().should_restart(|_, _| true).shutdown_timeout(self.grace);
        for account in &self.accounts {
            let account = Arc::clone(account);
            monitor = monitor.register(move |_restarts| {
                // The request's own time-out ends it much earlier; this one is for what should not happen.
                let longest = account.options.client.request_timeout * 2 + Duration::from_secs(5);
                WorkerBuilder::new(format!("{}@{}", account.worker.name, account.name()))
                    .backend(AccountBackend::start(Arc::clone(&account)))
                    .data(Arc::clone(&account))
                    .timeout(longest)
                    .enable_tracing()
                    .catch_panic()
                    .build(deliver)
            });
        }
        let stopping = self.stopping.clone();
        let signal = async move {
            stop.await;
            tracing::info!("stopping: running requests finish, nothing new starts");
            stopping.cancel();
            Ok(())
        };
        monitor.run_with_signal(signal).await.map_err(WorkerError::Monitor)
    }

    fn start_services(&self, services: &mut JoinSet<()>) {
        services.spawn(self.for_each_server(wake_listener::listen));
        let stopping = self.stopping.clone();
        let taking_in = self.for_each_server(intake::take_in);
        services.spawn(async move {
            stopping.run_until_cancelled(taking_in).await;
        });
        for account in &self.accounts {
            services.spawn(heartbeat::beat(Arc::clone(account)));
            services.spawn(sweep::sweep(Arc::clone(account)));
            services.spawn(watch::watch(Arc::clone(account), self.accounts.len()));
        }
    }

    fn for_each_server<F: Future<Output = ()> + Send + 'static>(
        &self,
        service: impl Fn(Share) -> F + Send + Sync + 'static,
    ) -> impl Future<Output = ()> + Send + 'static {
        servers::for_each(self.redis.clone(), self.accounts.clone(), service)
    }

    /// Hands back what outlasted the grace time and takes the heartbeats away.
    async fn let_go(&self) {
        for account in &self.accounts {
            for held in account.running.all() {
                if held.may_be_sent() {
                    let report = report::abandoned(held.grant.kind, "worker_stopped");
                    acknowledge::finish(account, &held, &report).await;
                } else {
                    give_back(account, &held, antre_store::claim::Unused::Stopping).await;
                }
            }
            heartbeat::remember_at_last(account).await;
            if let Err(error) = account.queue.leave(&account.worker.name).await {
                tracing::debug!(account = account.name(), %error, "no farewell");
            }
        }
    }
}
