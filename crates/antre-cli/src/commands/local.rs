//! The commands of `antre-demo`: `demo`, `dev`, `xendit-sim`, and the hidden `guard`.
//!
//! Built with the feature `demo` only; `no_demo.rs` stands here without it.

mod demo;
mod dev;
mod guard;
mod xendit_sim;

use antre_demo::Host;
use anyhow::Context as _;
use clap::Subcommand;

use crate::context::Context;
use crate::exit_status::ExitStatus;

/// What the program's help says first.
pub(crate) const EXAMPLES: &str = "\
Try it (needs redis-server only; nothing is sent to Xendit):
  antre demo

";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(demo::Arguments),
    Dev(dev::Arguments),
    // After the commands that everybody needs.
    #[command(display_order = 100)]
    XenditSim(xendit_sim::Arguments),
    Guard(guard::Arguments),
}

impl Command {
    pub(crate) async fn run(self, context: Context) -> anyhow::Result<ExitStatus> {
        match self {
            Self::Demo(arguments) => demo::run(arguments, context).await,
            Self::Dev(arguments) => dev::run(arguments, context).await,
            Self::XenditSim(arguments) => xendit_sim::run(arguments).await,
            Self::Guard(arguments) => guard::run(arguments).await,
        }
    }
}

/// Returns this program, which is also that of each process of a demo.
fn host(context: &Context) -> anyhow::Result<Host> {
    let environment = context.environment();
    Ok(Host {
        program: std::env::current_exe().context("cannot find the antre program")?,
        log: environment.get("ANTRE_LOG").unwrap_or("warn").to_owned(),
        hidden: environment.names_of_settings().map(str::to_owned).collect(),
    })
}
