//! `antre pause`

use std::time::Duration;

use antre_core::duration_text;

use super::who;
use crate::context::Context;
use crate::exit_status::{EXIT_CODES, ExitStatus};
use crate::output::{instant, print};

const EXAMPLES: &str = "\
Examples:
  antre pause --reason 'wrong prices in the December run'
  antre pause --for 2h --reason 'Xendit maintenance' -a second-brand

Takes effect within a second. Requests under way are finished; jobs are still
accepted and wait.
";

/// Stop sending requests, until resumed or for some time
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// How long, as in 30m or 2h; until resumed otherwise
    #[arg(long = "for", value_name = "DURATION", value_parser = duration_text::parse)]
    length: Option<Duration>,
    /// The reason. `antre status` and health show it
    #[arg(long, default_value = "")]
    reason: String,
    /// Your name. Without it: your user name and this machine's name
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

pub(crate) async fn run(arguments: Arguments, context: Context) -> anyhow::Result<ExitStatus> {
    let who = arguments.by.unwrap_or_else(|| who::person(context.environment()));
    let queue = context.queue().await?;
    queue.pause(&who, &arguments.reason, arguments.length).await?;
    let until = match queue.status().await?.pause.and_then(|pause| pause.until_ms) {
        Some(until_ms) => format!("until {}", instant(until_ms)),
        None => "until resumed".to_owned(),
    };
    print(&format!("account {} is paused {until}", queue.account()))?;
    Ok(ExitStatus::Done)
}
