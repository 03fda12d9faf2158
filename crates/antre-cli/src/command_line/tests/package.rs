//! The man pages and completions of the Debian package, made from the command line as it is without the demo.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap_complete::Shell;

use super::*;

const NAME: &str = "antre";
const FOLDERS: [&str; 2] = ["deploy/debian/man", "deploy/debian/completions"];
/// What only a build with the demo has.
const DEMO: [&str; 4] = ["demo", "dev", "xendit-sim", "guard"];

/// Returns the command line of a program for servers, whatever this one was built with.
fn for_servers() -> clap::Command {
    let root = CommandLine::command();
    let shown = root.get_subcommands().filter(|command| !DEMO.contains(&command.get_name()));
    clap::Command::new(NAME)
        .version(env!("CARGO_PKG_VERSION"))
        .about(root.get_about().unwrap().clone())
        .long_about(LONG_ABOUT)
        .after_help(format!("{EXAMPLES}\n{EXIT_CODES}"))
        .arg_required_else_help(true)
        .args(root.get_arguments().cloned())
        .subcommands(shown.cloned())
}

/// Returns the names and texts of the files in a folder.
fn files_in(folder: &Path) -> BTreeMap<PathBuf, String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path.file_name().unwrap().into(), text)
    };
    entries.map(read).collect()
}

/// Writes them all into a folder for each of [`FOLDERS`].
fn write_all(place: &Path) {
    let [man, completions] = FOLDERS.map(|folder| place.join(folder));
    for folder in [&man, &completions] {
        std::fs::create_dir_all(folder).unwrap();
    }
    clap_mangen::generate_to(for_servers(), &man).unwrap();
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut for_servers(), NAME, &completions).unwrap();
    }
}

/// Writes them anew if `UPDATE_PAGES` is set.
#[test]
fn man_pages_and_completions_are_those_of_the_command_line() {
    let place = tempfile::tempdir().unwrap();
    write_all(place.path());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    if std::env::var_os("UPDATE_PAGES").is_some() {
        for folder in FOLDERS {
            std::fs::remove_dir_all(root.join(folder)).unwrap();
        }
        write_all(&root);
    }
    for folder in FOLDERS {
        let (expected, found) =
            (files_in(&place.path().join(folder)), files_in(&root.join(folder)));
        assert!(
            expected == found,
            "{folder} is not what the command line says: run `just generate`"
        );
    }
}
