//! `antre status`

mod page;
#[cfg(test)]
mod tests;
mod view;

use std::time::Duration;

use antre_core::AccountName;
use antre_store::{Redis, StoreError};
use tokio::time::{MissedTickBehavior, interval};

use self::view::StatusView;
use crate::config::Purpose;
use crate::context::Context;
use crate::exit_status::{EXIT_CODES, ExitStatus};
use crate::output::{print, print_json, redraw};
use crate::signals::StopSignals;

const EXAMPLES: &str = "\
Examples:
  antre status
  antre status --watch
  antre status -a second-brand --json | jq '.accounts[0].dead'

A person's pause comes first: who paused, when and why.
";

/// Show waiting, running and dead jobs, and the reason if nothing is sent
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// Show it again every second, until Ctrl-C
    #[arg(long, conflicts_with = "json")]
    watch: bool,
    /// One JSON object; fields may be added, none changes
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: Arguments, context: Context) -> anyhow::Result<ExitStatus> {
    let redis = context.redis().await?;
    if arguments.watch {
        return watch(&redis, &context).await;
    }
    let views = read_all(&redis, &context).await?;
    if arguments.json {
        print_json(&serde_json::json!({ "accounts": views }))?;
    } else {
        print(&page::draw(&views))?;
    }
    Ok(ExitStatus::Done)
}

async fn watch(redis: &Redis, context: &Context) -> anyhow::Result<ExitStatus> {
    let mut signals = StopSignals::listen()?;
    let mut ticks = interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = signals.next() => return Ok(ExitStatus::Done),
            _ = ticks.tick() => {}
        }
        match read_all(redis, context).await {
            Ok(views) => redraw(&page::draw(&views))?,
            // Redis may come back; who watches wants to see that, too.
            Err(error) => redraw(&format!("{error:#}"))?,
        }
    }
}

/// Returns the account that was asked for, or all that are known or configured.
async fn read_all(redis: &Redis, context: &Context) -> anyhow::Result<Vec<StatusView>> {
    let looked = look_at_all(redis, context).await;
    match looked.map_err(anyhow::Error::downcast::<StoreError>) {
        Ok(views) => Ok(views),
        Err(Ok(error)) => Err(redis.look_closer(error).await.into()),
        Err(Err(other)) => Err(other),
    }
}

async fn look_at_all(redis: &Redis, context: &Context) -> anyhow::Result<Vec<StatusView>> {
    let names = match &context.account {
        Some(account) => vec![account.clone()],
        None => all_accounts(redis, context).await?,
    };
    let refusal = redis.can_write().await.err();
    let mut views = Vec::with_capacity(names.len());
    let mut denial = None;
    for name in names {
        let queue = redis.queue(name.clone());
        match queue.status().await {
            Ok(status) => views.push(StatusView::of(&name, &status, refusal.as_ref())),
            // A user for some accounts only sees those.
            Err(error @ StoreError::Denied(_)) => denial = Some(error),
            Err(error) => return Err(error.into()),
        }
    }
    match denial {
        Some(error) if views.is_empty() => Err(error.into()),
        _ => Ok(views),
    }
}

async fn all_accounts(redis: &Redis, context: &Context) -> anyhow::Result<Vec<AccountName>> {
    let configured = context.config(Purpose::Queue)?.accounts;
    let mut names = known_accounts(redis).await?;
    for account in configured {
        if !names.contains(&account.name) {
            names.push(account.name);
        }
    }
    Ok(names)
}

/// Returns the accounts that a worker ever served, by name.
pub(crate) async fn known_accounts(redis: &Redis) -> Result<Vec<AccountName>, StoreError> {
    let names = redis.accounts().await?;
    Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
}
