//! `antre check`

mod inboxes;
mod keys;
mod report;
mod server;
mod standing;
mod trial;

use antre_core::AccountName;
use antre_store::{Redis, StoreError};

use self::report::CheckReport;
use crate::config::{Config, Purpose};
use crate::context::Context;
use crate::exit_status::{EXIT_CODES, ExitStatus};
use crate::output::print;

const EXAMPLES: &str = "\
Examples:
  antre check
  antre check -c /etc/antre/antre.toml

Checks the configuration, Redis (its user's rights, version, persistence,
eviction, role, clock, the time that a claim takes) and accounts that nobody
serves. Takes each step of a worker once: listens, runs a script that writes and
publishes, waits at the inbox. Tries each key: one request asks for the
account's newest invoice. It counts in the account's limit, so it may wait for
its turn, and it is not sent while the account is paused. All faults are listed
at once.
";

/// Check configuration, Redis, keys and accounts, and list every fault
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {}

pub(crate) async fn run(_arguments: Arguments, context: Context) -> anyhow::Result<ExitStatus> {
    let (config, faults) = context.examine(Purpose::Serving);
    let mut of_redis = CheckReport::default();
    // With a faulty URL there is nothing to look at.
    let served = match config.redis.open() {
        Ok(redis) => look_at_redis(&redis, &config, &mut of_redis).await,
        Err(_told_as_fault) => Vec::new(),
    };
    let mut report = CheckReport::default();
    let mut is_misconfigured = false;
    for fault in &faults.0 {
        if fault.keyless.as_ref().is_some_and(|account| served.contains(account)) {
            let text = format!("{fault}; a worker that has a key serves the account");
            report.note("configuration", text);
        } else {
            report.fault("configuration", fault.to_string());
            is_misconfigured = true;
        }
    }
    for remark in &config.remarks {
        report.note("configuration", remark.clone());
    }
    look_at_accounts(&config, &mut report);
    report.append(of_redis);
    print(&report.to_string())?;
    if is_misconfigured {
        return Ok(ExitStatus::Misconfigured);
    }
    Ok(if report.has_faults() { ExitStatus::Failed } else { ExitStatus::Done })
}

fn look_at_accounts(config: &Config, report: &mut CheckReport) {
    for account in config.accounts.iter().filter(|account| account.key.is_some()) {
        let text =
            format!("{}: {} key, limits {}", account.name, account.mode(), account.settings.limits);
        report.fine("account", text);
    }
}

/// Looks at everything that can be looked at, whatever else is wrong. Returns the accounts that workers serve.
async fn look_at_redis(
    redis: &Redis,
    config: &Config,
    report: &mut CheckReport,
) -> Vec<AccountName> {
    if let Err(error) = redis.ping().await
        && !matches!(error, StoreError::Denied(_))
    {
        report.fault("redis", error.to_string());
        return Vec::new();
    }
    if !trial::examine(redis, config, report).await {
        return Vec::new();
    }
    let seen = [
        look_at_servers(redis, config, report).await,
        inboxes::examine(redis, config, report).await,
        keys::examine(redis, config, report).await,
    ];
    for error in seen.into_iter().filter_map(Result::err) {
        report.fault("redis", error.to_string());
    }
    served(redis, config).await
}

async fn look_at_servers(
    redis: &Redis,
    config: &Config,
    report: &mut CheckReport,
) -> Result<(), StoreError> {
    for server in redis.each_server().await? {
        if let Some(address) = server.node_address() {
            report.fine("redis", format!("node {address}"));
        }
        server::examine(&server, config, report).await?;
    }
    Ok(())
}

async fn served(redis: &Redis, config: &Config) -> Vec<AccountName> {
    let mut served = Vec::new();
    for account in &config.accounts {
        let status = redis.queue(account.name.clone()).status().await;
        if status.is_ok_and(|status| status.is_served()) {
            served.push(account.name.clone());
        }
    }
    served
}
