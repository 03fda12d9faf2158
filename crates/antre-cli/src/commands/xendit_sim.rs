//! `antre xendit-sim`

use xendit_sim::Simulator;

use crate::ending::{EXIT_CODES, Ending};
use crate::output::say;
use crate::signals::StopSignals;

const EXAMPLES: &str = "\
Examples:
  antre xendit-sim --limit 2/1s,60/1m --latency 20-300ms
  XENDIT_BASE_URL=http://127.0.0.1:8900 XENDIT_SECRET_KEY=any antre worker

What arrived, and whether any window held too much:
  curl http://127.0.0.1:8900/_sim/summary
";

/// Run a simulated Xendit with the invoice API, scripted faults and a ledger of every arrival
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
// The simulator's own arguments have the group of this name.
#[group(skip)]
pub(crate) struct Arguments {
    #[command(flatten)]
    simulator: xendit_sim::Arguments,
}

/// What stands before the address in the line that says where it listens.
pub(crate) const ANNOUNCEMENT: &str = "simulated Xendit listens on ";

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Ending> {
    let mut signals = StopSignals::listen()?;
    let xendit = Simulator::start(arguments.simulator.into()).await?;
    say(&format!("{ANNOUNCEMENT}{}", xendit.base_url()))?;
    signals.next().await;
    xendit.stop().await;
    Ok(Ending::Done)
}
