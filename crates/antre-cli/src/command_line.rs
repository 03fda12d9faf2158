//! The command line: the commands, and their common options.

use std::path::PathBuf;

use antre_core::AccountName;
use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};

use crate::commands::{
    account, cancel, check, dead, enqueue, gateway, inbox, job, local, pause, recheck, resume,
    serve, status, worker,
};
use crate::config::{Environment, Sources, USUAL_FILES};
use crate::context::Context;
use crate::exit_status::{EXIT_CODES, ExitStatus};

const LONG_ABOUT: &str = "\
A durable invoice queue on Redis. Every enqueued job becomes exactly one Xendit \
invoice, within the account's request limit. Important customers come first. No \
accepted job is lost in a crash.";

const EXAMPLES: &str = "\
Serve an account:
  XENDIT_SECRET_KEY=xnd_development_… antre worker

Enqueue a bill from any language, or from here:
  redis-cli XADD 'antre:{default}:inbox' NOMKSTREAM '*' \\
    job '{\"invoice\":{\"external_id\":\"INV-1\",\"amount\":350000}}'
  antre enqueue bills.csv --wait

Configuration comes from antre.toml (in this directory, else in /etc/antre),
from environment variables (ANTRE_… and the option's name) and from the command
line. The command line wins over variables, variables win over the file.
`antre check` checks all of it.
";

/// Turn billing jobs into Xendit invoices, exactly once and within the limit
#[derive(Debug, Parser)]
#[command(name = "antre", version, about, long_about = LONG_ABOUT, arg_required_else_help = true)]
#[command(after_help = format!("{}{EXAMPLES}\n{EXIT_CODES}", local::EXAMPLES))]
pub(crate) struct CommandLine {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Globals {
    /// The account. Without it: `default`; for status and check all accounts
    #[arg(short, long, global = true, value_name = "NAME", help_heading = "Global options")]
    account: Option<AccountName>,
    /// The configuration file; else antre.toml in this directory, else /etc/antre/antre.toml
    #[arg(short, long, global = true, value_name = "FILE", help_heading = "Global options")]
    config: Option<PathBuf>,
    /// The Redis to use instead of the configured one
    #[arg(long, global = true, value_name = "URL", help_heading = "Global options")]
    redis_url: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Local(local::Command),
    Worker(worker::Arguments),
    Serve(serve::Arguments),
    Gateway(gateway::Arguments),
    Enqueue(enqueue::Arguments),
    Status(status::Arguments),
    Job(job::Arguments),
    Dead(dead::Arguments),
    Cancel(cancel::Arguments),
    Pause(pause::Arguments),
    Resume(resume::Arguments),
    Account(account::Arguments),
    Recheck(recheck::Arguments),
    Inbox(inbox::Arguments),
    Check(check::Arguments),
}

impl CommandLine {
    /// Does what is asked.
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let runtime = self.command.runtime().context("no runtime")?;
        let sources = Sources {
            file: self.globals.config,
            usual_files: USUAL_FILES.map(PathBuf::from).to_vec(),
            redis_url: self.globals.redis_url,
            environment: Environment::of_process(),
        };
        let context = Context::new(self.globals.account, sources);
        let ending = runtime.block_on(self.command.run(context));
        // A read of standard input may be under way and cannot be called off.
        runtime.shutdown_background();
        ending
    }
}

impl Command {
    /// Only a worker and a gateway have work for more than one thread.
    fn runtime(&self) -> std::io::Result<Runtime> {
        if matches!(self, Self::Worker(_) | Self::Gateway(_)) {
            Builder::new_multi_thread().enable_all().build()
        } else {
            Builder::new_current_thread().enable_all().build()
        }
    }

    async fn run(self, context: Context) -> anyhow::Result<ExitStatus> {
        match self {
            Self::Local(command) => command.run(context).await,
            Self::Worker(arguments) => worker::run(arguments, context).await,
            Self::Serve(arguments) => serve::run(arguments, context).await,
            Self::Gateway(arguments) => gateway::run(arguments, context).await,
            Self::Enqueue(arguments) => enqueue::run(arguments, context).await,
            Self::Status(arguments) => status::run(arguments, context).await,
            Self::Job(arguments) => job::run(arguments, context).await,
            Self::Dead(arguments) => dead::run(arguments, context).await,
            Self::Cancel(arguments) => cancel::run(arguments, context).await,
            Self::Pause(arguments) => pause::run(arguments, context).await,
            Self::Resume(arguments) => resume::run(arguments, context).await,
            Self::Account(arguments) => account::run(arguments, context).await,
            Self::Recheck(arguments) => recheck::run(arguments, context).await,
            Self::Inbox(arguments) => inbox::run(arguments, context).await,
            Self::Check(arguments) => check::run(arguments, context).await,
        }
    }
}

#[cfg(test)]
mod tests;
