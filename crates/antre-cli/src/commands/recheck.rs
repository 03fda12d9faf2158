//! `antre recheck`

use std::time::Duration;

use antre_core::duration_text;

use super::who;
use crate::context::Context;
use crate::exit_status::{EXIT_CODES, ExitStatus};
use crate::output::{counted, length, print};

const EXAMPLES: &str = "\
Examples:
  antre recheck
  antre recheck -a second-brand --for 7d

Use it after a backup of Redis was restored, or after an old replica took over.
Then invoices may exist at Xendit that Redis knows nothing of. Every waiting job
looks at Xendit before it creates an invoice, and so does every job that is
submitted within the time of --for. A look-up costs one request each.

Antre does this by itself for what may have been sent since the last moment that
it remembers, and for ten minutes for jobs that are submitted.

Submit bills again that Redis has lost. The look-up finds the invoice that was
made for the lost job, by its mark, and takes it over.
";

/// Look at Xendit before creating: after a restored backup or an old replica
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// How long jobs that are submitted from now on look first
    #[arg(long = "for", value_name = "DURATION", default_value = "24h", value_parser = duration_text::parse)]
    new_for: Duration,
    /// Your name. Without it: your user name and this machine's name
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

pub(crate) async fn run(arguments: Arguments, context: Context) -> anyhow::Result<ExitStatus> {
    let who = arguments.by.unwrap_or_else(|| who::person(context.environment()));
    let queue = context.queue().await?;
    let jobs = queue.recheck(arguments.new_for, &who).await?;
    let jobs = counted(usize::try_from(jobs).unwrap_or(usize::MAX), "waiting job");
    let new_for = length(arguments.new_for);
    print(&format!(
        "account {}: {jobs} and those submitted within {new_for} look at Xendit before they create",
        queue.account()
    ))?;
    Ok(ExitStatus::Done)
}
