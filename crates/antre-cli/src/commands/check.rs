//! `antre check`

mod findings;
mod inboxes;
mod keys;
mod server;
mod standing;

use antre_store::Redis;

use self::findings::Findings;
use crate::command_line::Scene;
use crate::config::{Config, Purpose};
use crate::ending::{EXIT_CODES, Ending};
use crate::output::say;

const EXAMPLES: &str = "\
Examples:
  antre check
  antre check -c /etc/antre/antre.toml

Looks at the configuration, at Redis (version, persistence, eviction, role,
clock, how long a claim takes) and at accounts that nobody serves. Tries each
key: one request asks for the account's newest invoice. It counts in the
account's limit, so it may wait for its turn, and it is not sent while the
account is paused. Everything that is wrong is told at once.
";

/// Look everything over and tell every fault at once
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {}

pub(crate) async fn run(_arguments: Arguments, scene: Scene) -> anyhow::Result<Ending> {
    let (config, faults) = scene.examine(Purpose::Serving);
    let mut findings = Findings::default();
    for fault in &faults.0 {
        findings.fault("configuration", fault.to_string());
    }
    for remark in &config.remarks {
        findings.note("configuration", remark.clone());
    }
    look_at_accounts(&config, &mut findings);
    // With a faulty URL there is nothing to look at.
    if let Ok(redis) = Redis::open(config.redis_url.as_str()) {
        look_at_redis(&redis, &config, &mut findings).await;
    }
    say(&findings.to_string())?;
    if !faults.0.is_empty() {
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

async fn look_at_redis(redis: &Redis, config: &Config, findings: &mut Findings) {
    let looked = async {
        server::look(redis, config, findings).await?;
        inboxes::look(redis, config, findings).await?;
        keys::look(redis, config, findings).await
    };
    if let Err(error) = looked.await {
        findings.fault("redis", error.to_string());
    }
}
