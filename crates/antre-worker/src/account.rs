//! One account as a worker serves it: everything that its services share.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use antre_protocol::mode::Mode;
use antre_store::{Queue, Redis};
use antre_xendit::{Client, ClientError};
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::{
    AccountOptions, Durability, WorkerOptions, outage::Outage, running::Running, warm::Warm,
};

/// One account as a worker serves it.
#[derive(Debug)]
pub struct Account {
    pub(crate) queue: Queue,
    pub(crate) options: AccountOptions,
    pub(crate) worker: String,
    pub(crate) durability: Durability,
    pub(crate) mode: Mode,
    pub(crate) warm: Warm,
    pub(crate) slots: Arc<Semaphore>,
    pub(crate) running: Running,
    /// Work may be ready earlier than the claimer knows.
    pub(crate) woken: Notify,
    /// The order to stop: nothing new is claimed.
    pub(crate) stopping: CancellationToken,
    pub(crate) redis_outage: Outage,
    /// The account's inbox cannot be read, or an entry of it cannot be taken.
    pub(crate) inbox_outage: Outage,
    pub(crate) xendit_outage: Outage,
    /// Whether Redis keeps what it acknowledges well enough for this account's key.
    is_durable: AtomicBool,
    is_configured: AtomicBool,
    pub(crate) started: Instant,
}

impl Account {
    pub(crate) fn new(
        redis: &Redis,
        options: AccountOptions,
        worker: &WorkerOptions,
        stopping: CancellationToken,
    ) -> Result<Self, ClientError> {
        let client = Client::new(options.client.clone())?;
        Ok(Self {
            queue: redis.queue(options.name.clone()),
            worker: worker.name.clone(),
            durability: worker.durability,
            mode: client.mode(),
            warm: Warm::new(client, options.concurrency),
            slots: Arc::new(Semaphore::new(options.concurrency)),
            running: Running::default(),
            woken: Notify::new(),
            stopping,
            redis_outage: Outage::new("redis"),
            inbox_outage: Outage::new("inbox"),
            xendit_outage: Outage::new("connection to xendit"),
            is_durable: AtomicBool::new(true),
            is_configured: AtomicBool::new(false),
            started: Instant::now(),
            options,
        })
    }

    /// Returns the account's name, for logs.
    pub fn name(&self) -> &str {
        self.options.name.as_str()
    }

    /// Puts this worker's settings in force and makes the inbox.
    pub(crate) async fn configure(&self) -> Result<(), antre_store::StoreError> {
        self.queue.configure(&self.options.settings).await?;
        self.is_configured.store(true, Ordering::Release);
        Ok(())
    }

    pub(crate) fn is_configured(&self) -> bool {
        self.is_configured.load(Ordering::Acquire)
    }

    pub(crate) fn is_durable(&self) -> bool {
        self.is_durable.load(Ordering::Acquire)
    }

    pub(crate) fn set_durable(&self, is_durable: bool) {
        self.is_durable.store(is_durable, Ordering::Release);
        self.woken.notify_one();
    }
}
