//! `antre demo`

mod page;

use std::time::Duration;

use antre_core::Limits;
use antre_demo::demo::{self, Options, Progress};
use indicatif::{ProgressBar, ProgressStyle};

use crate::context::Context;
use crate::exit_status::{EXIT_CODES, ExitStatus};
use crate::output::{eprint, print, print_json};
use crate::signals::StopSignals;

const EXAMPLES: &str = "\
Examples:
  antre demo
  antre demo --count 300 --workers 5 --latency 20-300ms
  antre demo --stop-and-continue     # workers are suspended in between
  antre demo --count 40 --limit 5/1s,60/1m --json

Needs redis-server (sh deploy/setup.sh) and nothing else: no account, no key, no
network. One in ten customers is a VIP: the bill comes late and overtakes. The
figures at the end come from the simulated Xendit, which saw every request
arrive. Ends with code 1 if a link is missing, a bill has two invoices or the
limit was exceeded.
";

/// Send sample invoices through workers to a simulated Xendit, and measure there
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// How many invoices
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    count: u32,
    /// How many worker processes
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=32))]
    workers: u32,
    /// The limit of the simulated account, and of the workers
    #[arg(long, default_value = "2/1s")]
    limit: Limits,
    /// How long the simulated Xendit takes to answer: 50ms, 20-300ms or tail:80ms:2s
    #[arg(long, default_value = "20-300ms")]
    latency: antre_demo::Latency,
    /// Suspend workers at random moments, and continue them
    #[arg(long)]
    stop_and_continue: bool,
    /// The summary as one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: Arguments, context: Context) -> anyhow::Result<ExitStatus> {
    let mut signals = StopSignals::listen()?;
    let options = Options {
        count: arguments.count,
        workers: arguments.workers,
        limits: arguments.limit,
        latency: arguments.latency,
        are_workers_stopped: arguments.stop_and_continue,
    };
    let bar = bar(arguments.count)?;
    let show = |progress: Progress<'_>| show(&bar, progress);
    let host = super::host(&context)?;
    let played = demo::run(&options, host, signals.next(), show).await;
    bar.finish_and_clear();
    let Some(report) = played? else {
        eprint("interrupted; everything has been stopped")?;
        return Ok(ExitStatus::Failed);
    };
    if arguments.json {
        print_json(&report.to_json())?;
    } else {
        print(&page::draw(&report))?;
    }
    Ok(if report.faults().is_empty() { ExitStatus::Done } else { ExitStatus::Failed })
}

/// Returns a bar on standard error; it stays hidden where that is no terminal.
fn bar(count: u32) -> anyhow::Result<ProgressBar> {
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len}  {elapsed} of about {duration}  {msg}")?;
    let bar = ProgressBar::new(u64::from(count)).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    Ok(bar)
}

fn show(bar: &ProgressBar, progress: Progress<'_>) {
    match progress {
        Progress::Starting => {
            bar.set_message("starting redis, the simulated Xendit and the workers");
        }
        Progress::Ready => bar.set_message(""),
        Progress::Ended { count, external_id } => {
            bar.set_message(external_id.to_owned());
            bar.set_position(u64::try_from(count).unwrap_or(u64::MAX));
        }
        Progress::Measuring => bar.finish_and_clear(),
    }
}
