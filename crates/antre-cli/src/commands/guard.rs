//! `antre guard`, hidden: owns one process of a demo and ends it when the demo is gone.
//!
//! The demo holds the other end of this program's standard input. However the demo ends, even killed, the
//! system closes that, and the guard ends its process by its id. Lines that it understands are `stop` and
//! `continue`. A guard that is killed itself leaves its process behind; nothing of ours does that.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use antre_protocol::duration_text;
use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::ending::Ending;
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

/// The line that stops the process in its tracks.
pub(in crate::commands) const STOP: &str = "stop\n";
/// The line that lets it go on.
pub(in crate::commands) const CONTINUE: &str = "continue\n";

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Ending> {
    let mut signals = StopSignals::listen()?;
    let mut orders = BufReader::new(tokio::io::stdin()).lines();
    let (program, rest) = arguments.command.split_first().context("no program")?;
    let mut child = Command::new(program)
        .args(rest)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start {program}"))?;
    loop {
        tokio::select! {
            status = child.wait() => return Ok(ending(status?)),
            order = orders.next_line() => match order.ok().flatten().as_deref() {
                Some("stop") => send(&child, Signal::STOP)?,
                Some("continue") => send(&child, Signal::CONT)?,
                Some(_) => {}
                None => break,
            },
            () = signals.next() => break,
        }
    }
    end(&mut child, arguments.patience).await?;
    Ok(Ending::Done)
}

/// Ends the process in order if it can, else by force.
async fn end(child: &mut Child, patience: Duration) -> io::Result<()> {
    send(child, Signal::TERM)?;
    // A stopped process hears nothing else.
    send(child, Signal::CONT)?;
    match timeout(patience, child.wait()).await {
        Ok(status) => status.map(drop),
        Err(_elapsed) => child.kill().await,
    }
}

/// Only this program waits for the child, so its id cannot be another's before that.
fn send(child: &Child, signal: Signal) -> io::Result<()> {
    let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    match id {
        Some(id) => Ok(kill_process(id, signal)?),
        None => Ok(()),
    }
}

fn ending(status: ExitStatus) -> Ending {
    if status.success() { Ending::Done } else { Ending::Failed }
}
