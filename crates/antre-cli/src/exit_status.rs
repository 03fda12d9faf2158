//! How the program ends: 0 done, 1 failed, 2 wrong usage, 64 bad configuration.

use std::io;
use std::process::ExitCode;

use antre_store::StoreError;
use antre_worker::WorkerError;

use crate::config::Faults;
use crate::output;

const FAILED: u8 = 1;
const USAGE: u8 = 2;
const CONFIGURATION: u8 = 64;

/// Shown below every command's help.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0   done
  1   what you asked for failed
  2   wrong usage
  64  bad configuration; all faults are listed";

/// How a command that ran to its end turned out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// What was asked for is done.
    Done,
    /// It is not, as the output says.
    Failed,
    /// The configuration is faulty, as the output says.
    Misconfigured,
}

/// The arguments contradict each other in a way that clap cannot see.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// What is configured cannot be used with what is there.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unusable(pub(crate) String);

/// Says what went wrong, if anything, and returns the code.
pub(crate) fn of(result: anyhow::Result<ExitStatus>) -> ExitCode {
    let error = match result {
        Ok(ExitStatus::Done) => return ExitCode::SUCCESS,
        Ok(ExitStatus::Failed) => return ExitCode::from(FAILED),
        Ok(ExitStatus::Misconfigured) => return ExitCode::from(CONFIGURATION),
        Err(error) => error,
    };
    if has_lost_its_reader(&error) {
        return ExitCode::SUCCESS;
    }
    // Nothing can be told when even that fails.
    output::eprint(&format!("antre: {}", one_line_each(&error))).ok();
    ExitCode::from(code(&error))
}

fn code(error: &anyhow::Error) -> u8 {
    if error.is::<Usage>() {
        return USAGE;
    }
    if is_of_the_server(error) || error.is::<Faults>() || error.is::<Unusable>() {
        return CONFIGURATION;
    }
    FAILED
}

/// Returns whether no server that this version can use is at the configured address.
fn is_of_the_server(error: &anyhow::Error) -> bool {
    let will_not_do = |error: &StoreError| {
        matches!(error, StoreError::OtherFormat { .. } | StoreError::Unsuitable(_))
    };
    let is_worker = |error: &WorkerError| matches!(error, WorkerError::Server(_));
    error.chain().any(|cause| {
        cause.downcast_ref::<StoreError>().is_some_and(will_not_do)
            || cause.downcast_ref::<WorkerError>().is_some_and(is_worker)
    })
}

/// `antre status | head` is no failure.
fn has_lost_its_reader(error: &anyhow::Error) -> bool {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    kind == Some(io::ErrorKind::BrokenPipe)
}

/// Many errors show their cause themselves; it is not said twice.
fn one_line_each(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if said.is_empty() {
            said = cause;
        } else if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

#[cfg(test)]
mod tests;
