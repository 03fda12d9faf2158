//! Programs of other languages: where they run, and how they end.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use antre_testkit::{ChildProcess, built_binary};

/// Returns the folder of a language's client: `clients/<language>`.
pub(crate) fn client(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../clients").join(language)
}

/// Returns a folder under the target directory for what a language installs. It stays from run to run.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients").join(name)
}

/// Returns a fresh copy of these parts of a client, under the target directory.
pub(crate) fn copy(language: &str, parts: &[&str]) -> PathBuf {
    let copy = folder(&format!("{language}-source"));
    if copy.exists() {
        fs::remove_dir_all(&copy).unwrap();
    }
    for part in parts {
        copy_all(&client(language).join(part), &copy.join(part));
    }
    copy
}

fn copy_all(from: &Path, to: &Path) {
    if from.is_dir() {
        for entry in fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            copy_all(&from.join(&name), &to.join(&name));
        }
    } else {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
}

/// Gives a program the binary that it tests, in `ANTRE_BIN`.
pub(crate) fn with_antre(command: &mut Command) -> &mut Command {
    command.env("ANTRE_BIN", built_binary("antre").unwrap())
}

/// Runs a program to its end, and fails with its output and the remedy unless it ends well.
pub(crate) async fn run(command: Command, limit: Duration, remedy: &str) {
    let mut child =
        ChildProcess::start(command).unwrap_or_else(|error| panic!("{remedy}: {error}"));
    let ended = child.wait(limit).await;
    let is_done = ended.is_ok_and(|status| status.success());
    assert!(is_done, "{remedy}\n{}", child.output());
}
