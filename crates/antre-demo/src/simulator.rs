//! The simulated Xendit as a program of its own, and the line in which it says where it listens.

use std::io;

pub use xendit_sim::Arguments;
use xendit_sim::Simulator;

use crate::Result;

const ANNOUNCEMENT: &str = "simulated Xendit listens on ";

/// Runs it until `stop` comes true. `announce` is given the line for standard output.
///
/// # Errors
/// [`crate::DemoError::Simulator`] if it cannot listen; the error of `announce`.
pub async fn run(
    arguments: Arguments,
    stop: impl Future<Output = ()>,
    announce: impl FnOnce(&str) -> io::Result<()>,
) -> Result<()> {
    let xendit = Simulator::start(arguments.into()).await?;
    announce(&format!("{ANNOUNCEMENT}{}", xendit.base_url()))?;
    stop.await;
    xendit.stop().await;
    Ok(())
}

/// Returns the base URL in the line of a simulator; `None` for another line.
pub(crate) fn announced(line: &str) -> Option<&str> {
    line.strip_prefix(ANNOUNCEMENT)
}
