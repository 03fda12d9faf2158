//! The version of the installed server: is it new enough?

use std::path::Path;
use std::process::Command;

use crate::{Error, PROGRAM};

const MAJOR_MIN: u32 = 7;

/// Makes sure that there is a `redis-server` on the PATH and that it is new enough. Asks the program, which takes a
/// few milliseconds.
///
/// # Errors
/// [`Error::Missing`], [`Error::TooOld`], or [`Error::NotStarted`].
pub fn check_version() -> Result<(), Error> {
    let output = Command::new(PROGRAM).arg("--version").output();
    let output = output.map_err(|source| Error::of_start(Path::new(PROGRAM), source))?;
    check(&String::from_utf8_lossy(&output.stdout))
}

/// A text that names no version is no reason to refuse.
fn check(text: &str) -> Result<(), Error> {
    let version = text.split_whitespace().find_map(|word| word.strip_prefix("v="));
    let Some(version) = version else { return Ok(()) };
    match version.split('.').next().and_then(|major| major.parse::<u32>().ok()) {
        Some(major) if major < MAJOR_MIN => Err(Error::TooOld { version: version.to_owned() }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
