//! `antre worker`

mod durability;
mod generation;
mod service;

use antre_core::Mode;

use self::service::Service;
use crate::config::{Config, Purpose};
use crate::context::Context;
use crate::exit_status::{EXIT_CODES, ExitStatus, Unusable};
use crate::logging;
use crate::signals::WorkerSignals;

const EXAMPLES: &str = "\
Examples:
  XENDIT_SECRET_KEY=xnd_development_… antre worker
  antre worker -c /etc/antre/antre.toml
  antre worker -a second-brand         # one of the configured accounts only

As many workers as you like may serve an account, on any machines: together they
keep its limit. With a live key, a Redis that could lose data is refused.

Signals:
  SIGTERM, SIGINT  running requests finish, then the worker ends. A second one,
                   more than 2 s after the first, ends it at once, and another
                   worker looks its requests up
  SIGHUP           reads the configuration and the files of keys again. With a
                   fault in them, the old ones stay, and the log says why
";

/// Serve accounts: accept jobs, send requests, deliver links
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {}

pub(crate) async fn run(_arguments: Arguments, context: Context) -> anyhow::Result<ExitStatus> {
    let config = configured(&context)?;
    let mut signals = WorkerSignals::listen()?;
    logging::start(&config);
    remark(&config);
    let mut service = Service::start(config).await?;
    service.run(&mut signals, || configured(&context)).await
}

/// Returns the configuration as it is now.
fn configured(context: &Context) -> anyhow::Result<Config> {
    let mut config = context.config(Purpose::Serving)?;
    choose_account(&mut config, context)?;
    Ok(config)
}

/// Leaves only the account that was asked for, if one was.
pub(super) fn choose_account(config: &mut Config, context: &Context) -> anyhow::Result<()> {
    if let Some(account) = &context.account {
        config.accounts.retain(|configured| configured.name == *account);
        if config.accounts.is_empty() {
            return Err(Unusable(format!("account {account} is not configured")).into());
        }
    }
    Ok(())
}

/// Tells the log what is not wrong and yet worth saying.
pub(super) fn remark(config: &Config) {
    for remark in &config.remarks {
        tracing::warn!("{remark}");
    }
}

/// Returns the configured accounts that move real money and insist on a Redis that keeps it.
fn strict_accounts(config: &Config) -> Vec<&str> {
    let is_strict = |account: &&crate::config::Account| {
        account.mode() == Mode::Live && !account.accept_volatile_redis
    };
    config.accounts.iter().filter(is_strict).map(|account| account.name.as_str()).collect()
}
