//! Programs of this workspace that a test starts as they are: found beside the test, and never an old one.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::{Error, Result};

#[cfg(test)]
mod tests;

/// The root of this workspace.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Returns the path of a workspace's binary, built in the same profile as the running test.
///
/// `cargo test --workspace` builds it. A test of one package alone does not, and then the binary may be older than the
/// code, or another checkout's that shares the target directory; Cargo's list of its sources shows both. Only
/// `cargo build` writes that list: without it nothing is known, and the binary is taken as it is.
///
/// # Errors
/// [`Error::BinaryMissing`] and [`Error::BinaryOutdated`], with the command that builds it.
pub fn built_binary(name: &str) -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    // target/<profile>/deps/<test>
    let profile = test.ancestors().nth(2).unwrap_or(&test);
    let path = profile.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    let root = fs::canonicalize(ROOT)?;
    match outdated_by(&path, &root) {
        None => Ok(path),
        Some(_) if !path.is_file() => Err(Error::BinaryMissing { path }),
        Some(source) => Err(Error::BinaryOutdated { path, source_file: source }),
    }
}

/// Returns a file that the binary was not built from as it is now; the binary itself if there is none.
fn outdated_by(binary: &Path, root: &Path) -> Option<PathBuf> {
    let Some(built) = modified(binary) else {
        return Some(binary.to_owned());
    };
    let sources = sources(binary)?;
    if !sources.iter().any(|source| source.starts_with(root)) {
        return Some(root.to_owned());
    }
    // A source that is gone is as good as changed.
    sources.into_iter().find(|source| modified(source).is_none_or(|at| at > built))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|file| file.modified()).ok()
}

/// Returns the sources in the file that Cargo writes beside a binary: `binary: source source …`, a blank in a name as
/// `\ `.
fn sources(binary: &Path) -> Option<Vec<PathBuf>> {
    let text = fs::read_to_string(binary.with_extension("d")).ok()?;
    let (_, list) = text.trim_end().split_once(": ")?;
    let whole = list.replace("\\ ", "\0");
    Some(whole.split(' ').map(|source| source.replace('\0', " ").into()).collect())
}
