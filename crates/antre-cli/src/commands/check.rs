//! `antre check`

mod findings;
mod inboxes;
mod keys;
mod server;
mod standing;
mod trial;

use antre_core::AccountName;
use antre_store::{Redis, StoreError};

use self::findings::Findings;
use crate::config::{Config, Purpose};
use crate::context::Context;
use crate::ending::{EXIT_CODES, Ending};
use crate::output::say;

const EXAMPLES: &str = "\
Examples:
  antre check
  antre check -c /etc/antre/antre.toml

Looks at the configuration, at Redis (what its user may do, version,
persistence, eviction, role, clock, how long a claim takes) and at accounts that
nobody serves. Does once what a worker does: listens, runs a script that writes
and publishes, waits at the inbox. Tries each key: one request asks for the
account's newest invoice. It counts in the account's limit, so it may wait for
its turn, and it is not sent while the account is paused. Everything that is
wrong is told at once.
";

/// Check configuration, Redis, keys and accounts, and list every fault
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {}

pub(crate) async fn run(_arguments: Arguments, context: Context) -> anyhow::Result<Ending> {
    let (config, faults) = context.examine(Purpose::Serving);
    let mut of_redis = Findings::default();
    // With a faulty URL there is nothing to look at.
    let served = match config.redis_url.open() {
        Ok(redis) => look_at_redis(&redis, &config, &mut of_redis).await,
        Err(_told_as_fault) => Vec::new(),
    };
    let mut findings = Findings::default();
    let mut is_misconfigured = false;
    for fault in &faults.0 {
        if fault.keyless.as_ref().is_some_and(|account| served.contains(account)) {
            let text = format!("{fault}; a worker that has a key serves the account");
            findings.note("configuration", text);
        } else {
            findings.fault("configuration", fault.to_string());
            is_misconfigured = true;
        }
    }
    for remark in &config.remarks {
        findings.note("configuration", remark.clone());
    }
    look_at_accounts(&config, &mut findings);
    findings.append(of_redis);
    say(&findings.to_string())?;
    if is_misconfigured {
        return Ok(Ending::Misconfigured);
    }
    Ok(if findings.has_faults() { Ending::Failed } else { Ending::Done })
}

fn look_at_accounts(config: &Config, findings: &mut Findings) {
    for account in config.accounts.iter().filter(|account| account.key.is_some()) {
        let text =
            format!("{}: {} key, limits {}", account.name, account.mode(), account.settings.limits);
        findings.fine("account", text);
    }
}

/// Looks at everything that can be looked at, whatever else is wrong. Returns the accounts that workers serve.
async fn look_at_redis(
    redis: &Redis,
    config: &Config,
    findings: &mut Findings,
) -> Vec<AccountName> {
    if let Err(error) = redis.ping().await
        && !matches!(error, StoreError::Denied(_))
    {
        findings.fault("redis", error.to_string());
        return Vec::new();
    }
    if !trial::look(redis, config, findings).await {
        return Vec::new();
    }
    let seen = [
        server::look(redis, config, findings).await,
        inboxes::look(redis, config, findings).await,
        keys::look(redis, config, findings).await,
    ];
    for error in seen.into_iter().filter_map(Result::err) {
        findings.fault("redis", error.to_string());
    }
    served(redis, config).await
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
