//! `antre guard`, hidden: owns one process of a demo and ends it when the demo is gone.

use std::time::Duration;

use antre_core::duration_text;
use antre_demo::guard;

use crate::exit_status::{ExitStatus, Usage};
use crate::signals::StopSignals;

/// Own one process, and end it when standard input closes
#[derive(Debug, clap::Args)]
#[command(hide = true)]
pub(crate) struct Arguments {
    /// How long the process may take to end before it is killed
    #[arg(long, default_value = "5s", value_parser = duration_text::parse)]
    patience: Duration,
    /// The program and its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    command: Vec<String>,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitStatus> {
    let mut signals = StopSignals::listen()?;
    let Some((program, rest)) = arguments.command.split_first() else {
        return Err(Usage("no program".to_owned()).into());
    };
    let ended = guard::run(program, rest, arguments.patience, signals.next()).await?;
    Ok(if ended.is_none_or(|status| status.success()) {
        ExitStatus::Done
    } else {
        ExitStatus::Failed
    })
}
