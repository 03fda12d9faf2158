//! One configuration in service: a worker of `antre-worker`, from its start to its end.
//!
//! A reload starts another one beside it, so the first one can finish its work.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use antre_store::Redis;
use antre_worker::{Readiness, Worker, WorkerOptions};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::super::who;
use super::durability;
use crate::commands::http::{Served, ServedWorker};
use crate::config::{Account, Config};

/// How long a new configuration may take until all its accounts are served.
const READY_MAX: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(50);

/// A configuration and the worker that serves it.
pub(super) struct Generation {
    pub(super) config: Arc<Config>,
    /// The worker's name in the queue.
    pub(super) name: String,
    pub(super) readiness: Readiness,
    /// Ends this one; the order to stop ends it as well.
    pub(super) retired: CancellationToken,
}

impl Generation {
    /// Returns what HTTP tells of it.
    pub(super) fn served(&self) -> Served<'_> {
        let worker = ServedWorker { name: &self.name, readiness: &self.readiness };
        Served { config: &self.config, worker: Some(worker) }
    }

    /// Returns a generation, and what runs until it is retired or fails.
    pub(super) fn new(
        config: Config,
        redis: &Redis,
        stopping: &CancellationToken,
    ) -> anyhow::Result<(Self, impl Future<Output = anyhow::Result<()>> + Send + 'static)> {
        let config = Arc::new(config);
        let name = who::worker();
        let options = WorkerOptions {
            name: name.clone(),
            accounts: config.accounts.iter().filter_map(Account::options).collect(),
            grace: config.grace,
            durability: config.durability,
            has_http: config.http.listen.is_some(),
        };
        let worker = Worker::new(redis.clone(), options)?;
        let retired = stopping.child_token();
        let generation =
            Self { config, name, readiness: worker.readiness(), retired: retired.clone() };
        let working = work(Arc::clone(&generation.config), worker, retired);
        Ok((generation, working))
    }

    /// Returns once every account is served.
    ///
    /// # Errors
    /// Why one is not, after 30 s.
    pub(super) async fn ready(&self) -> Result<(), String> {
        let ready = async {
            while self.readiness.obstacle().is_some() {
                sleep(LOOK).await;
            }
        };
        let in_time = timeout(READY_MAX, ready).await;
        in_time.map_err(|_elapsed| self.readiness.obstacle().unwrap_or_default())
    }

    /// Tells the log what is served.
    pub(super) fn announce(&self) {
        for account in &self.config.accounts {
            tracing::info!(
                account = account.name.as_str(),
                mode = %account.mode(),
                limits = %account.settings.limits,
                "serving"
            );
        }
    }
}

/// Serves until it is retired; Redis need not be there yet.
async fn work(
    config: Arc<Config>,
    worker: Worker,
    retired: CancellationToken,
) -> anyhow::Result<()> {
    let checked = retired.run_until_cancelled(durability::check(&config, &worker)).await;
    if let Some(Ok(())) = checked {
        return Ok(worker.run(retired.cancelled_owned()).await?);
    }
    // It may have told the fleet why it does not serve.
    worker.leave().await;
    checked.unwrap_or(Ok(()))
}
