//! `antre resume`

use super::who;
use crate::context::Context;
use crate::exit_status::{EXIT_CODES, ExitStatus};
use crate::output::print;

const EXAMPLES: &str = "\
Examples:
  antre resume
  antre resume -a second-brand

Also lifts the pause that twenty refused jobs in a row cause. Pauses that
Xendit's rate limit causes end by themselves.
";

/// Send requests again after a pause
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// Your name. Without it: your user name and this machine's name
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

pub(crate) async fn run(arguments: Arguments, context: Context) -> anyhow::Result<ExitStatus> {
    let who = arguments.by.unwrap_or_else(|| who::person(context.environment()));
    let queue = context.queue().await?;
    let account = queue.account();
    let was = if queue.resume(&who).await? { "is resumed" } else { "was not paused by a person" };
    print(&format!("account {account} {was}"))?;
    Ok(ExitStatus::Done)
}
