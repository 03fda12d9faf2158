//! The programs that these tests need, and what to do where one is missing.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The root of this workspace.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Returns the program `name`: from where `deploy/setup.sh` puts it, else from the PATH.
pub fn tool(name: &str) -> PathBuf {
    let own =
        ["pods", "packages"].map(|kind| Path::new(ROOT).join(format!("target/tools/{kind}/bin")));
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Its own first: what is there has the version that these tests were written for.
    let mut places = own.into_iter().chain(std::env::split_paths(&path));
    let found = places.find_map(|place| Some(place.join(name)).filter(|path| path.is_file()));
    found.unwrap_or_else(|| {
        unreachable!("{name} is missing; install it: sh deploy/setup.sh pods packages")
    })
}

/// Runs a program to its end and returns what it wrote to standard output.
pub fn run(name: &str, arguments: &[&str]) -> String {
    let output = outcome(name, arguments);
    assert!(output.status.success(), "{name} {arguments:?}: {}", text(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a program to its end.
pub fn outcome(name: &str, arguments: &[&str]) -> Output {
    Command::new(tool(name)).args(arguments).output().unwrap()
}

/// Returns all that a program wrote.
pub fn text(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat()
}
