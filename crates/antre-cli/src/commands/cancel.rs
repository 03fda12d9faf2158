//! `antre cancel`

use antre_store::operate::Cancelled;

use super::target;
use crate::context::Context;
use crate::exit_status::{EXIT_CODES, ExitStatus};
use crate::output::print;

const EXAMPLES: &str = "\
Examples:
  antre cancel INV-2026-12-0042
  antre cancel 1795413600000-0 -a second-brand

A job cannot be cancelled while its request runs, or after a request that may
have had an effect: there may be an invoice.
";

/// Cancel a job, if no request for it can have created an invoice
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// The job's id or its bill's external id
    job: String,
}

pub(crate) async fn run(arguments: Arguments, context: Context) -> anyhow::Result<ExitStatus> {
    let queue = context.queue().await?;
    let id = target::find(&queue, &arguments.job).await?;
    let (text, ending) = match queue.cancel(&id).await? {
        Cancelled::Cancelled => (format!("job {id} is cancelled"), ExitStatus::Done),
        Cancelled::Unknown => (format!("there is no job {id} any more"), ExitStatus::Failed),
        Cancelled::TooLate(why) => (format!("too late: job {id} is {why}"), ExitStatus::Failed),
        Cancelled::Ended(state) => (format!("job {id} has ended: {state}"), ExitStatus::Failed),
    };
    print(&text)?;
    Ok(ending)
}
