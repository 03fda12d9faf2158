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
Then Xendit may have invoices that Redis does not know. Every waiting job looks
at Xendit before it creates an invoice, and so does every job that is submitted
within the time of --for. Each look-up costs one request.

Antre does this by itself for bills that may have been sent since the last
moment that it remembers, and for jobs that are submitted within ten minutes.

Submit the bills again that Redis has lost. The look-up finds the lost job's
invoice by its mark, and takes it over.
";

/// Look bills up at Xendit before creating: after a restored backup or an old replica
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// For how long jobs that are submitted from now on begin with a look-up
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
