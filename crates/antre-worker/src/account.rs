//! One account as a worker serves it: everything that its services share.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use antre_core::mode::Mode;
use antre_store::{
    Queue, Redis, StoreError,
    claim::WorkerIdentity,
    settings::{Configurator, Configured},
};
use antre_xendit::{Client, ClientError};
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::{
    AccountOptions, Durability, WorkerOptions, connections::Connections, link::Link,
    outage::Outage, process::Process, request_times::RequestTimes, running::Running,
};

/// Whose the worker's key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The queue has not said yet.
    Unknown,
    /// The account's.
    Ours,
    /// It was not shown to be; the word says why.
    Stranger(String),
}

/// One account as a worker serves it.
#[derive(Debug)]
pub struct Account {
    pub(crate) queue: Queue,
    pub(crate) options: AccountOptions,
    pub(crate) worker: Arc<WorkerIdentity>,
    /// As the configuration has it.
    pub(crate) durability: Durability,
    pub(crate) mode: Mode,
    pub(crate) has_http: bool,
    /// Whether a claim must be kept by a replica as well.
    is_replicated: AtomicBool,
    standing: Mutex<Standing>,
    closed: Mutex<Option<String>>,
    pub(crate) process: Arc<Process>,
    pub(crate) connections: Connections,
    pub(crate) slots: Arc<Semaphore>,
    pub(crate) running: Running,
    pub(crate) request_times: RequestTimes,
    /// Work may be ready earlier than the claimer knows.
    pub(crate) woken: Notify,
    /// Another worker was woken for what is ready.
    pub(crate) other_woken: Notify,
    /// The order to stop: nothing new is claimed.
    pub(crate) stopping: CancellationToken,
    pub(crate) redis_outage: Outage,
    /// The account's inbox cannot be read, or an entry of it cannot be taken.
    pub(crate) inbox_outage: Outage,
    pub(crate) xendit_outage: Outage,
    /// Whether a replica confirms claims, where one must.
    pub(crate) replica_outage: Outage,
    /// Why Redis does not keep what it acknowledges well enough for this account's key.
    volatility: Mutex<Option<String>>,
    is_configured: AtomicBool,
    /// Whether these settings were refused because the key was not shown to be the account's.
    is_unproven: AtomicBool,
    pub(crate) started: Instant,
}

impl Account {
    pub(crate) fn new(
        redis: &Redis,
        options: AccountOptions,
        worker: &WorkerOptions,
        stopping: CancellationToken,
        process: Arc<Process>,
    ) -> Result<Self, ClientError> {
        let client = Client::new(options.client.clone())?;
        Ok(Self {
            queue: redis.queue(options.name.clone()),
            worker: Arc::new(WorkerIdentity {
                name: worker.name.clone(),
                fingerprint: client.fingerprint(),
                mode: client.mode(),
            }),
            durability: worker.durability,
            mode: client.mode(),
            has_http: worker.has_http,
            is_replicated: AtomicBool::new(worker.durability == Durability::Replicated),
            standing: Mutex::new(Standing::Unknown),
            closed: Mutex::new(None),
            process,
            connections: Connections::new(client, options.concurrency),
            slots: Arc::new(Semaphore::new(options.concurrency)),
            running: Running::default(),
            request_times: RequestTimes::default(),
            woken: Notify::new(),
            other_woken: Notify::new(),
            stopping,
            redis_outage: Outage::new("redis"),
            inbox_outage: Outage::new("inbox"),
            xendit_outage: Outage::new("connection to xendit"),
            replica_outage: Outage::new("replica of redis"),
            volatility: Mutex::new(None),
            is_configured: AtomicBool::new(false),
            is_unproven: AtomicBool::new(false),
            started: Instant::now(),
            options,
        })
    }

    /// Returns the account's name, for logs.
    pub fn name(&self) -> &str {
        self.options.name.as_str()
    }

    /// Puts this worker's settings in force and makes the inbox, unless its key must be shown to be the account's
    /// first. `has_lost_data`: what this worker saw of the account in Redis is gone.
    pub(crate) async fn configure(&self, has_lost_data: bool) -> Result<(), StoreError> {
        let by = Configurator { worker: &self.worker, has_lost_data };
        let configured = self.queue.configure(&self.options.settings, by).await?;
        self.is_unproven.store(configured == Configured::Unproven, Ordering::Release);
        if configured == (Configured::InForce { is_ours: true }) {
            self.note_standing(Standing::Ours);
        }
        self.is_configured.store(true, Ordering::Release);
        Ok(())
    }

    /// Returns what is known of the server that has the account.
    pub(crate) fn link(&self) -> Arc<Link> {
        self.process.link(self.queue.redis())
    }

    /// Returns whether the settings must be put in force once the key is known to be the account's.
    pub(crate) fn is_unproven(&self) -> bool {
        self.is_unproven.load(Ordering::Acquire)
    }

    /// Returns whether this worker serves the account. One with a key that other workers' keys speak against does
    /// not; the first one of a new account does, although its key has yet to be shown.
    pub(crate) fn is_served(&self) -> bool {
        match &*self.standing() {
            Standing::Ours => true,
            Standing::Unknown => !self.is_unproven(),
            Standing::Stranger(reason) => !self.is_unproven() && reason == "unproven",
        }
    }

    /// Returns why nothing is granted to this worker's key, if that is so.
    pub(crate) fn stranger(&self) -> Option<String> {
        match &*self.standing() {
            Standing::Stranger(reason) => Some(reason.clone()),
            Standing::Unknown | Standing::Ours => None,
        }
    }

    /// Notes whose key it is, as the queue says; logs when that changes.
    pub(crate) fn note_standing(&self, standing: Standing) {
        let mut known = self.standing();
        if *known == standing {
            return;
        }
        let fingerprint = self.worker.fingerprint.as_str();
        match &standing {
            Standing::Stranger(reason) if reason == "unproven" => tracing::info!(
                account = self.name(),
                fingerprint,
                "xendit is asked whose this worker's key is"
            ),
            Standing::Stranger(reason) => tracing::warn!(
                account = self.name(),
                fingerprint,
                reason,
                "this worker's key was not shown to be the account's: nothing is claimed with it"
            ),
            Standing::Ours => {
                tracing::info!(account = self.name(), fingerprint, "the key is the account's");
            }
            Standing::Unknown => {}
        }
        *known = standing;
        self.link().standing.notify_one();
    }

    /// Notes whether only this worker's requests fail, and why; logs when that changes.
    pub(crate) fn note_closed(&self, reason: Option<String>) {
        let mut known = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        match (&*known, &reason) {
            (None, Some(reason)) => tracing::warn!(
                account = self.name(),
                reason,
                "only this worker's requests fail: it gets probes instead of jobs until one is answered"
            ),
            (Some(_), None) => tracing::info!(account = self.name(), "this worker gets jobs again"),
            (None, None) | (Some(_), Some(_)) => {}
        }
        *known = reason;
    }

    /// Returns why only this worker gets no jobs, if that is so.
    pub(crate) fn closed(&self) -> Option<String> {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when a claim counts as kept: never [`Durability::Auto`].
    pub(crate) fn durability_in_force(&self) -> Durability {
        if self.is_replicated.load(Ordering::Acquire) {
            Durability::Replicated
        } else {
            Durability::Local
        }
    }

    pub(crate) fn set_replicated(&self, is_replicated: bool) {
        self.is_replicated.store(is_replicated, Ordering::Release);
    }

    pub(crate) fn is_configured(&self) -> bool {
        self.is_configured.load(Ordering::Acquire)
    }

    pub(crate) fn is_durable(&self) -> bool {
        self.volatility().is_none()
    }

    /// Notes why Redis does not keep enough for this account's key, or that it does.
    pub(crate) fn set_volatility(&self, why: Option<String>) {
        *self.volatility() = why;
        self.woken.notify_one();
    }

    fn volatility(&self) -> MutexGuard<'_, Option<String>> {
        self.volatility.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what keeps this worker from serving the account, whosever its key is: the last error, in the words
    /// of the error. Told by `/readyz` and, with the heartbeat, to everybody who looks.
    pub(crate) fn trouble(&self) -> Option<String> {
        let outages = [&self.redis_outage, &self.inbox_outage];
        self.volatility()
            .clone()
            .or_else(|| self.link().obstacle())
            .or_else(|| outages.into_iter().find_map(Outage::reason))
    }
}
