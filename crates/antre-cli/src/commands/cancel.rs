//! `antre cancel`

use std::time::Duration;

use antre_core::duration_text;
use antre_producer::{Command, CommandAnswer, JobId, Producer, Target};
use antre_store::{Queue, operate::Cancelled};

use super::{target, who};
use crate::context::Context;
use crate::exit_status::{EXIT_CODES, ExitStatus};
use crate::output::{counted, print};

const EXAMPLES: &str = "\
Examples:
  antre cancel INV-2026-12-0042
  antre cancel 1795413600000-0 -a second-brand
  antre cancel INV-2026-12-0042 --expire --reason 'customer moved away'
  antre cancel --batch 2026-12 --expire

A job cannot be cancelled while its request runs, or after a request that may
have had an effect: there may be an invoice. With --expire such a job is looked
up, and an invoice that is found is expired. So is the invoice of a job that is
done; the job stays done. An invoice that was paid is left as it is.
";

/// Cancel jobs, if no request for them can have created an invoice
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// The job's id or its bill's external id
    #[arg(required_unless_present = "batch", conflicts_with = "batch")]
    job: Option<String>,
    /// All jobs of this batch
    #[arg(long, value_name = "NAME")]
    batch: Option<String>,
    /// Leave no open invoice of the bills: look for invoices, and expire them
    #[arg(long)]
    expire: bool,
    /// The reason. The stream of events has it
    #[arg(long)]
    reason: Option<String>,
    /// Your name. Without it: your user name and this machine's name
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// How long to wait for the end of --expire and --batch, as in 2m. What is not done by then goes on
    #[arg(long, default_value = "1m", value_parser = duration_text::parse)]
    timeout: Duration,
}

pub(crate) async fn run(arguments: Arguments, context: Context) -> anyhow::Result<ExitStatus> {
    let queue = context.queue().await?;
    let target = match (&arguments.job, &arguments.batch) {
        (_, Some(batch)) => Target::Batch(batch.clone()),
        (job, None) => {
            let id = target::find(&queue, job.as_deref().unwrap_or_default()).await?;
            let is_noted = arguments.reason.is_some() || arguments.by.is_some();
            if !arguments.expire && !is_noted {
                return at_once(&queue, &id).await;
            }
            Target::Job(id.parse::<JobId>()?)
        }
    };
    let by = arguments.by.unwrap_or_else(|| who::person(context.environment()));
    let mut command = Command::cancel(target);
    (command.expire, command.reason, command.by) = (arguments.expire, arguments.reason, Some(by));
    let producer = Producer::new(queue);
    let id = producer.command(&command).await?;
    let answer = producer.command_answer(&id, arguments.timeout).await?;
    if let Some(error) = &answer.error {
        anyhow::bail!("{}", error.message);
    }
    print(&text(&answer))?;
    let is_left = answer.resolving + answer.too_late + answer.paid + answer.not_found > 0;
    Ok(if is_left { ExitStatus::Failed } else { ExitStatus::Done })
}

/// What was not sent needs no worker.
async fn at_once(queue: &Queue, id: &str) -> anyhow::Result<ExitStatus> {
    let (text, ending) = match queue.cancel(id).await? {
        Cancelled::Cancelled => (format!("job {id} is cancelled"), ExitStatus::Done),
        Cancelled::Unknown => (format!("there is no job {id} any more"), ExitStatus::Failed),
        Cancelled::TooLate(why) => (format!("too late: job {id} is {why}"), ExitStatus::Failed),
        Cancelled::Ended(state) => (format!("job {id} has ended: {state}"), ExitStatus::Failed),
    };
    print(&text)?;
    Ok(ending)
}

fn text(answer: &CommandAnswer) -> String {
    let jobs = |count: u64| counted(count, "job");
    let lines = [
        (answer.cancelled, format!("{} cancelled", jobs(answer.cancelled))),
        (answer.expired, format!("{} had an invoice that is expired now", jobs(answer.expired))),
        (answer.paid, format!("{} paid: the invoice is left as it is", jobs(answer.paid))),
        (
            answer.too_late,
            format!("{} not cancelled: too late, or wanted again", jobs(answer.too_late)),
        ),
        (answer.resolving, format!("{} still being looked up", jobs(answer.resolving))),
        (answer.not_found, "there are no such jobs".to_owned()),
    ];
    let told = lines.into_iter().filter(|(count, _)| *count > 0).map(|(_, line)| line);
    told.collect::<Vec<_>>().join("\n")
}
