//! `antre xendit-sim`

use antre_demo::simulator;

use crate::exit_status::{EXIT_CODES, ExitStatus};
use crate::output::print;
use crate::signals::StopSignals;

const EXAMPLES: &str = "\
Examples:
  antre xendit-sim --limit 2/1s,60/1m --latency 20-300ms
  XENDIT_BASE_URL=http://127.0.0.1:8900 XENDIT_SECRET_KEY=any antre worker

Show the requests that arrived, and any window with too many:
  curl http://127.0.0.1:8900/_sim/summary
";

/// Run a simulated Xendit with the invoice API, scripted faults and a ledger of every arrival
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
// The simulator's own arguments have the group of this name.
#[group(skip)]
pub(crate) struct Arguments {
    #[command(flatten)]
    simulator: simulator::Arguments,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitStatus> {
    let mut signals = StopSignals::listen()?;
    simulator::run(arguments.simulator, signals.next(), print).await?;
    Ok(ExitStatus::Done)
}
