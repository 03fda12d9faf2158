//! Owns one process of a demo and ends it when the demo is gone.
//!
//! The demo holds the other end of the guard's standard input. However the demo ends, even killed, the
//! system closes that, and the guard ends its process by its id. Lines that it understands are `stop` and
//! `continue`. A guard that is killed itself leaves its process behind; nothing of ours does that.

use std::io;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::{DemoError, Result};

/// The line that stops the process in its tracks.
pub(crate) const STOP: &str = "stop\n";
/// The line that lets it go on.
pub(crate) const CONTINUE: &str = "continue\n";

/// Runs a program until it ends, standard input closes or `stop` comes true. Returns how it ended if
/// it ended by itself. It has `patience` to end in order before it is killed.
///
/// # Errors
/// [`DemoError::NotStarted`]; [`DemoError::Io`] if the process cannot be signalled.
pub async fn run(
    program: &str,
    arguments: &[String],
    patience: Duration,
    stop: impl Future<Output = ()>,
) -> Result<Option<ExitStatus>> {
    let mut stop = pin!(stop);
    let mut orders = BufReader::new(tokio::io::stdin()).lines();
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(source) => {
            return Err(DemoError::NotStarted { name: program.to_owned(), source });
        }
    };
    loop {
        tokio::select! {
            status = child.wait() => return Ok(Some(status?)),
            order = orders.next_line() => match order.ok().flatten().as_deref() {
                Some("stop") => send(&child, Signal::STOP)?,
                Some("continue") => send(&child, Signal::CONT)?,
                Some(_) => {}
                None => break,
            },
            () = &mut stop => break,
        }
    }
    end(&mut child, patience).await?;
    Ok(None)
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
