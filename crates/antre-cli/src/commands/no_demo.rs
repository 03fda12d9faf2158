//! What stands for the commands of `antre-demo` in a build without the feature `demo`: they say where
//! the commands are.

use std::ffi::OsString;

use clap::{Args, Subcommand};

use crate::context::Context;
use crate::exit_status::{ExitStatus, Usage};

/// What the program's help says first.
pub(crate) const EXAMPLES: &str = "";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(hide = true, disable_help_flag = true)]
    Demo(Ignored),
    #[command(hide = true, disable_help_flag = true)]
    Dev(Ignored),
    #[command(hide = true, disable_help_flag = true)]
    XenditSim(Ignored),
}

/// Whatever the command would take.
#[derive(Debug, Args)]
pub(crate) struct Ignored {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    arguments: Vec<OsString>,
}

impl Command {
    pub(crate) async fn run(self, _context: Context) -> anyhow::Result<ExitStatus> {
        let name = match self {
            Self::Demo(_) => "demo",
            Self::Dev(_) => "dev",
            Self::XenditSim(_) => "xendit-sim",
        };
        std::future::ready(Err(Usage(message(name)).into())).await
    }
}

fn message(name: &str) -> String {
    format!(
        "this build has no `{name}`: it was made without the feature `demo`, as for a server that holds a live \
         key. In a checkout of Antre this builds one that has it: cargo run --release --bin antre -- {name}"
    )
}
