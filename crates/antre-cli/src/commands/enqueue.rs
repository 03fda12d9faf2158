//! `antre enqueue`

mod input;
mod remarks;
mod results;
mod waiting;
mod why;

use std::path::{Path, PathBuf};
use std::time::Duration;

use antre_core::duration_text;
use antre_producer::{JobId, Options, Producer, Progress};
use antre_xendit::body::notification;
use indicatif::{ProgressBar, ProgressStyle};

use self::input::Input;
use self::results::Results;
use self::waiting::Wait;
use self::why::Sending;
use crate::config::Purpose;
use crate::context::Context;
use crate::exit_status::{EXIT_CODES, ExitStatus, Usage};
use crate::output::{counted, eprint, print};

const EXAMPLES: &str = "\
Examples:
  antre enqueue december.csv --dry-run
  antre enqueue december.csv --wait
  antre enqueue bills.jsonl --wait --results links.csv
  echo '{\"invoice\":{\"external_id\":\"INV-1\",\"amount\":350000}}' | antre enqueue

CSV columns are dotted paths of the invoice, or names of job fields:
  external_id,amount,customer.given_names,customer.mobile_number,priority
Commas, semicolons, bars and tabs are understood. JSON Lines hold one job each.

All jobs are checked before any is sent: a file with a fault is not sent at all.
Warnings stop nothing; they name the fields that the worker will change or leave
out.
Sending a file twice is harmless: a second job for the same bill with the same
amount is a duplicate and gets the first one's link. Ctrl-C is harmless, too:
jobs that were sent go on, and the results file has those that ended by then.
";

/// Put jobs into the queue from JSON Lines or CSV
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct Arguments {
    /// The file; - or nothing for standard input
    #[arg(default_value = "-")]
    file: PathBuf,
    /// Wait until every job has ended, and write the results to a file
    #[arg(long)]
    wait: bool,
    /// Where to write results: .csv, .tsv or JSON Lines. Without it: beside the file
    #[arg(long, value_name = "FILE", requires = "wait")]
    results: Option<PathBuf>,
    /// How long to wait at most, as in 2h
    #[arg(long, default_value = "30d", requires = "wait", value_parser = duration_text::parse)]
    timeout: Duration,
    /// How long Redis may refuse jobs before this ends with code 1. The reason is shown after 2 s
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration_text::parse)]
    connect_timeout: Duration,
    /// Look each bill up at Xendit first: it may already have an invoice that Antre does not know
    #[arg(long)]
    check_first: bool,
    /// Check the jobs, show all warnings, and send none
    #[arg(long, conflicts_with = "wait")]
    dry_run: bool,
    /// Write the jobs' ids, one a line
    #[arg(long)]
    ids: bool,
}

pub(crate) async fn run(arguments: Arguments, context: Context) -> anyhow::Result<ExitStatus> {
    if arguments.results.as_deref() == Some(Path::new("-")) {
        return Err(Usage("--results needs the name of a file".to_owned()).into());
    }
    if !arguments.dry_run {
        // Before a long file is read.
        context.config(Purpose::Queue)?;
    }
    let input = Input::open(&arguments.file, arguments.check_first, notification(&context))?;
    let review = input.review();
    if arguments.dry_run {
        remarks::say_all(review)?;
        return Ok(ExitStatus::Done);
    }
    let mut options = Options::default();
    options.patience = arguments.connect_timeout;
    let producer = Producer::new(context.unasked_queue()?).with_options(options);
    // Made before anything is sent: a disk that is full must not be found afterwards.
    let create = || Results::create(arguments.results.as_deref(), input.path(), review.form);
    let results = arguments.wait.then(create).transpose()?;
    remarks::print_first(review)?;
    let ids = enqueue(&producer, &input).await?;
    if arguments.ids {
        ids.iter().try_for_each(|id| print(id.as_str()))?;
    }
    let account = producer.queue().account();
    let (jobs, counts) = (counted(ids.len(), "job"), remarks::counts(review));
    eprint(&format!("{jobs} enqueued in account {account}{counts}"))?;
    let Some(mut results) = results else { return Ok(ExitStatus::Done) };
    results.begin()?;
    let bar = bar(ids.len(), "ended")?;
    let (producer, timeout) = (&producer, arguments.timeout);
    Wait { producer, ids: &ids, review, timeout, bar }.run(results).await
}

/// Returns the account's settings, on which a worker's warnings depend. A dry run needs no configuration
/// that is whole: without one, the defaults hold.
fn notification(context: &Context) -> notification::Settings {
    let name = context.account.clone().unwrap_or_default();
    let (config, _faults) = context.examine(Purpose::Queue);
    let account = config.accounts.iter().find(|account| account.name == name);
    account.map(|account| account.notification).unwrap_or_default()
}

async fn enqueue(producer: &Producer, input: &Input<'_>) -> anyhow::Result<Vec<JobId>> {
    let count = input.review().bills.len();
    let bar = bar(count, "enqueued")?;
    let sending = Sending::new();
    let on_progress = |progress: Progress<'_>| match progress {
        Progress::Sent { total, .. } => {
            sending.works();
            bar.set_message("");
            bar.set_position(u64::try_from(total).unwrap_or(u64::MAX));
        }
        Progress::Full { inbox } => {
            sending.full(inbox);
            bar.set_message(format!("the inbox holds {inbox}: waiting"));
        }
        Progress::Retrying { error, .. } => {
            sending.refused(error);
            bar.set_message(format!("trying again: {error}"));
        }
        _ => {}
    };
    let ids = tokio::select! {
        ids = producer.enqueue_each(input.jobs()?, on_progress) => ids,
        never = sending.tell(producer.queue(), &bar) => match never {},
    };
    bar.finish_and_clear();
    Ok(ids?)
}

/// Returns a bar on standard error; it stays hidden where that is no terminal.
fn bar(count: usize, what: &'static str) -> anyhow::Result<ProgressBar> {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {prefix}, {eta} left {msg}")?;
    let length = u64::try_from(count)?;
    Ok(ProgressBar::new(length).with_style(style).with_prefix(what))
}
