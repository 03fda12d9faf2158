//! One worker process: apalis' monitor over one worker an account, and the services around them.

use std::{future::Future, sync::Arc, time::Duration};

use antre_store::{Redis, StoreError, status::Stranger};
use apalis::{
    layers::WorkerBuilderExt,
    prelude::{Monitor, WorkerBuilder},
};
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
    outage::{Backoff, Outage},
    process::Process,
    report, sweep, wakes, watch,
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
    /// apalis' monitor ended with an error.
    #[error("the monitor failed: {0}")]
    Monitor(String),
}

/// Serves its accounts until it is told to stop.
#[derive(Debug)]
pub struct Worker {
    redis: Redis,
    accounts: Vec<Arc<Account>>,
    process: Arc<Process>,
    grace: Duration,
    stopping: CancellationToken,
}

/// Tells whether a worker serves all its accounts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Readiness {
    process: Arc<Process>,
    accounts: Vec<Arc<Account>>,
}

impl Readiness {
    /// Returns why an account is not served, in plain words and without secrets: the first reason found.
    /// `None` when all are.
    pub fn obstacle(&self) -> Option<String> {
        self.process
            .obstacle()
            .or_else(|| self.accounts.iter().find_map(|account| of_account(account)))
    }
}

fn of_account(account: &Account) -> Option<String> {
    let outages = [&account.redis_outage, &account.inbox_outage];
    let mut reason = outages.into_iter().find_map(Outage::reason);
    if !account.is_durable() {
        reason = Some("redis may lose what it acknowledged; the log says why".to_owned());
    } else if let Some(stranger) = account.stranger() {
        let text = Stranger::explain(&stranger);
        reason = Some(format!("this worker's key was not shown to be the account's: {text}"));
    } else if account.is_unproven() {
        let text = Stranger::explain("unproven");
        reason = Some(format!("this worker's key was not shown to be the account's: {text}"));
    } else if let Some(closed) = account.closed() {
        reason = Some(format!(
            "only this worker's requests fail ({closed}): look at its key, its network and its clock"
        ));
    } else if !account.is_configured() && reason.is_none() {
        reason = Some("its settings are not in force yet".to_owned());
    }
    reason.map(|reason| format!("account {}: {reason}", account.name()))
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
        Ok(Self { redis, accounts, process, grace: options.grace, stopping })
    }

    /// Returns the worker's readiness, for a probe.
    pub fn readiness(&self) -> Readiness {
        Readiness { process: Arc::clone(&self.process), accounts: self.accounts.clone() }
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
        services.spawn(watch::watch_server(self.redis.clone(), Arc::clone(&self.process)));
        for account in &self.accounts {
            tokio::select! {
                configured = configure(account) => configured?,
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
        monitor
            .run_with_signal(signal)
            .await
            .map_err(|error| WorkerError::Monitor(error.to_string()))
    }

    fn start_services(&self, services: &mut JoinSet<()>) {
        let shared = || (self.redis.clone(), self.accounts.clone(), Arc::clone(&self.process));
        let (redis, accounts, process) = shared();
        services.spawn(wakes::listen(redis, accounts, process));
        let stopping = self.stopping.clone();
        let (redis, accounts, process) = shared();
        let taking_in = intake::take_in(redis, accounts, process);
        services.spawn(async move {
            stopping.run_until_cancelled(taking_in).await;
        });
        for account in &self.accounts {
            services.spawn(heartbeat::beat(Arc::clone(account)));
            services.spawn(sweep::sweep(Arc::clone(account)));
            services.spawn(watch::watch(Arc::clone(account)));
        }
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
            if let Err(error) = account.queue.leave(&account.worker.name).await {
                tracing::debug!(account = account.name(), %error, "no farewell");
            }
        }
    }
}

/// Configures the account, as soon as Redis is there.
async fn configure(account: &Account) -> Result<(), WorkerError> {
    let mut backoff = Backoff::default();
    loop {
        let configured = async {
            account.configure(false).await?;
            if account.queue.stopped_clock_us().await?.is_some() {
                tracing::warn!(
                    account = account.name(),
                    "the account's clock is stopped (key `clock`): a drill"
                );
            }
            watch::check_server(account).await
        };
        match configured.await {
            Ok(()) => {
                account.redis_outage.works(account.name());
                return Ok(());
            }
            Err(source @ StoreError::NewerFormat { .. }) => {
                return Err(WorkerError::Format { account: account.name().to_owned(), source });
            }
            Err(error) => account.redis_outage.failed(account.name(), &error),
        }
        tokio::time::sleep(backoff.next()).await;
    }
}
