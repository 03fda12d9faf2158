//! `antre worker`

mod durability;
mod http;

use std::future::Future;

use antre_protocol::Mode;
use antre_store::Redis;
use antre_worker::{Worker, WorkerOptions};
use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use super::who;
use crate::command_line::Scene;
use crate::config::{Config, Purpose};
use crate::ending::{EXIT_CODES, Ending, Unusable};
use crate::logging;
use crate::signals::StopSignals;

const EXAMPLES: &str = "\
Examples:
  XENDIT_SECRET_KEY=xnd_development_… antre worker
  antre worker -c /etc/antre/antre.toml
  antre worker -a second-brand         # one of the configured accounts only

As many workers as you like may serve an account, on any machines: together they
keep its limit. SIGTERM or Ctrl-C lets running requests finish; a second one
ends at once, and another worker finds out what became of them. With a live key,
a Redis that could lose data is refused.
";

/// Serve accounts: accept jobs, send requests, deliver links
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {}

pub(crate) async fn run(_arguments: Arguments, scene: Scene) -> anyhow::Result<Ending> {
    let mut config = scene.config(Purpose::Serving)?;
    choose_account(&mut config, &scene)?;
    let mut signals = StopSignals::listen()?;
    logging::start(&config);
    for remark in &config.remarks {
        tracing::warn!("{remark}");
    }
    let stopping = CancellationToken::new();
    let serving = serve(&config, stopping.clone());
    tokio::pin!(serving);
    tokio::select! {
        served = &mut serving => return served.map(|()| Ending::Done),
        () = signals.next() => stopping.cancel(),
    }
    tokio::select! {
        served = &mut serving => served.map(|()| Ending::Done),
        () = signals.next() => {
            tracing::warn!("told to stop twice: what runs is left to the other workers");
            Ok(Ending::Failed)
        }
    }
}

fn choose_account(config: &mut Config, scene: &Scene) -> anyhow::Result<()> {
    if let Some(account) = &scene.account {
        config.accounts.retain(|configured| configured.name == *account);
        if config.accounts.is_empty() {
            return Err(Unusable(format!("account {account} is not configured")).into());
        }
    }
    Ok(())
}

/// Serves until it is told to stop; Redis need not be there yet.
async fn serve(config: &Config, stopping: CancellationToken) -> anyhow::Result<()> {
    let redis = Redis::open(config.redis_url.as_str())?;
    let name = who::worker();
    let options = WorkerOptions {
        name: name.clone(),
        accounts: config.accounts.iter().filter_map(crate::config::Account::options).collect(),
        grace: config.grace,
        durability: config.durability,
    };
    let worker = Worker::new(redis.clone(), options)?;
    let http = http::Server::bind(config, redis.clone(), worker.readiness()).await?;
    for account in &config.accounts {
        tracing::info!(
            account = account.name.as_str(),
            mode = %account.mode(),
            limits = %account.settings.limits,
            "serving"
        );
    }
    let http = tokio::spawn(http.serve(stopping.clone().cancelled_owned()));
    let worked = work(config, worker, stopping.clone()).await;
    // HTTP was told to stop together with the work, and ends by itself soon after.
    stopping.cancel();
    http.await.context("the HTTP server failed")?;
    worked
}

async fn work(config: &Config, worker: Worker, stopping: CancellationToken) -> anyhow::Result<()> {
    let checked = stopping.run_until_cancelled(durability::check(config, &worker)).await;
    match checked {
        Some(Ok(())) => Ok(worker.run(stop(stopping)).await?),
        unserved => {
            // It may have told the fleet why it does not serve.
            worker.leave().await;
            unserved.unwrap_or(Ok(()))
        }
    }
}

fn stop(stopping: CancellationToken) -> impl Future<Output = ()> + Send + 'static {
    stopping.cancelled_owned()
}

/// Returns the configured accounts that move real money and insist on a Redis that keeps it.
fn strict_accounts(config: &Config) -> Vec<&str> {
    let is_strict = |account: &&crate::config::Account| {
        account.mode() == Mode::Live && !account.accept_volatile_redis
    };
    config.accounts.iter().filter(is_strict).map(|account| account.name.as_str()).collect()
}
