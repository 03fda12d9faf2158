//! Words that must not be committed. They are written in two halves here, so that this file passes.

use crate::workspace::{self, SourceFile, has_word};

const UNFINISHED: [&str; 4] =
    [concat!("to", "do!"), concat!("TO", "DO"), concat!("FIX", "ME"), concat!("db", "g!")];
const MACHINE_PATHS: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];
const VAGUE_NAMES: [&str; 8] = [
    "util.rs",
    "utils.rs",
    "common.rs",
    "helper.rs",
    "helpers.rs",
    "manager.rs",
    "misc.rs",
    "mod.rs",
];

fn faults(file: &SourceFile) -> Vec<String> {
    let mut faults = Vec::new();
    if VAGUE_NAMES.contains(&file.file_name()) {
        faults.push(file.fault(1, "the file's name does not say what it holds"));
    }
    for (number, line) in file.numbered_lines() {
        for word in UNFINISHED.iter().filter(|word| has_word(line, word)) {
            faults.push(file.fault(number, &format!("{word} is work left over")));
        }
        for path in MACHINE_PATHS.iter().filter(|path| has_path(line, path)) {
            faults.push(file.fault(number, &format!("{path} is somebody's own machine")));
        }
    }
    faults
}

/// Returns true if `path` begins there: `a/path/` and `example.com/path/` are others.
fn has_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(start, _)| {
        !line.split_at(start).0.ends_with(|character: char| {
            character.is_alphanumeric() || ['.', '_', '-', '}'].contains(&character)
        })
    })
}

#[test]
fn nothing_unfinished_or_private_is_committed() {
    let files = workspace::files().unwrap();
    workspace::assert_none(&files.iter().flat_map(faults).collect::<Vec<_>>());
}

#[test]
fn each_word_is_a_fault_in_every_language() {
    for path in ["crates/a/src/x.rs", "crates/a/src/lua/x.lua", "README.md", "justfile"] {
        for word in UNFINISHED.iter().chain(&MACHINE_PATHS) {
            let file = SourceFile::new(path, &format!("first\nsee {word}(x)"));
            assert_eq!(faults(&file).len(), 1, "{path} {word}");
        }
    }
}

#[test]
fn parts_of_other_words_and_addresses_pass() {
    let text = concat!("MASTO", "DON https://example.com/wo", "rk/ x");
    assert_eq!(faults(&SourceFile::new("README.md", text)), [""; 0]);
}

#[test]
fn a_vague_file_name_is_a_fault() {
    for name in VAGUE_NAMES {
        assert_eq!(faults(&SourceFile::new(&format!("crates/a/src/{name}"), "")).len(), 1);
    }
}
