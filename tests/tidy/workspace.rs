//! The files of the checkout, as the rules see them.

use std::path::{Path, PathBuf};
use std::{fs, io};

const TEXT_EXTENSIONS: [&str; 7] = ["rs", "lua", "md", "toml", "sh", "yml", "tsv"];
const TEXT_NAMES: [&str; 2] = ["justfile", "run"];
const SKIPPED_DIRECTORIES: [&str; 3] = [".git", "target", "node_modules"];

/// One text file; `path` is relative to the root, with `/` between its parts.
#[derive(Clone, Debug)]
pub(crate) struct SourceFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl SourceFile {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    pub(crate) fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    pub(crate) fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == extension)
    }

    /// Returns true for Rust that only tests run: the tests package, and unit tests' own files.
    pub(crate) fn is_test_code(&self) -> bool {
        self.has_extension("rs")
            && (self.path.starts_with("tests/")
                || self.path.contains("/tests/")
                || self.file_name() == "tests.rs")
    }

    /// Returns each line with its number from 1.
    pub(crate) fn numbered_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Returns a message that an editor can jump to.
    pub(crate) fn fault(&self, line: usize, message: &str) -> String {
        format!("{}:{line}: {message}", self.path)
    }
}

/// Returns the checkout's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns all text files of the checkout, sorted by path.
pub(crate) fn files() -> io::Result<Vec<SourceFile>> {
    let mut found = Vec::new();
    collect(&root(), "", &mut found)?;
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// Returns the text of a file, or a fault that names it.
pub(crate) fn required(files: &[SourceFile], path: &str) -> Result<SourceFile, String> {
    let found = files.iter().find(|file| file.path == path).cloned();
    found.ok_or_else(|| format!("{path} is missing"))
}

/// Returns true if `word` stands in `line` with no letter, digit or underscore next to it.
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    let joins = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(word).any(|(start, _)| {
        let (before, rest) = line.split_at(start);
        !before.ends_with(joins) && !rest.chars().nth(word.chars().count()).is_some_and(joins)
    })
}

/// Returns the texts between single quotes in a table of Lua that begins with `start`.
pub(crate) fn quoted<'a>(text: &'a str, start: &str) -> Vec<&'a str> {
    let rest = text.split_once(start).map_or("", |(_, rest)| rest);
    let table = rest.split_once('}').map_or("", |(table, _)| table);
    table.split('\'').skip(1).step_by(2).collect()
}

/// Fails the test with every fault at once.
#[track_caller]
pub(crate) fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

fn collect(directory: &Path, prefix: &str, found: &mut Vec<SourceFile>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            if !SKIPPED_DIRECTORIES.contains(&name.as_str()) {
                collect(&entry.path(), &format!("{path}/"), found)?;
            }
        } else if is_text(&name) {
            found.push(SourceFile { text: fs::read_to_string(entry.path())?, path });
        }
    }
    Ok(())
}

fn is_text(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
    TEXT_NAMES.contains(&name) || extension.is_some_and(|found| TEXT_EXTENSIONS.contains(&found))
}

#[test]
fn the_checkout_is_found() {
    let files = files().unwrap();
    assert!(files.iter().any(|file| file.path == "tests/tidy/workspace.rs"));
    assert!(files.iter().all(|file| !file.path.starts_with("target/")));
}

#[test]
fn a_word_stands_alone() {
    assert!(has_word("a fence, b", "fence"));
    assert!(!has_word("fences", "fence"));
    assert!(!has_word("send_within", "fence"));
}
