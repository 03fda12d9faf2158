//! Every link of the documents leads to a file and a heading that exist.

use std::fs;
use std::path::{Path, PathBuf};

use crate::markdown::blocks;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns the documents, as paths from the root.
fn documents() -> Vec<PathBuf> {
    let clients = fs::read_dir(root().join("clients")).unwrap().map(|entry| entry.unwrap().path());
    let own = ["", "docs", "docs/languages"].map(|folder| root().join(folder));
    let folders: Vec<PathBuf> = own.into_iter().chain(clients).collect();
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let paths = entries.map(|entry| entry.unwrap().path());
    let documents =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    documents.map(|path| path.strip_prefix(root()).unwrap().to_owned()).collect()
}

/// Returns the text without its fenced blocks, and the line at which each line of it stands.
fn prose(text: &str) -> Vec<(usize, &str)> {
    let is_in_block = |line: usize| {
        blocks(text)
            .iter()
            .any(|block| (block.line..=block.line + 1 + block.text.lines().count()).contains(&line))
    };
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    lines.filter(|(line, _)| !is_in_block(*line)).collect()
}

/// Returns the name by which a link reaches a heading.
fn anchor(heading: &str) -> String {
    let title = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn anchors(text: &str) -> Vec<String> {
    prose(text)
        .iter()
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(_, line)| anchor(line))
        .collect()
}

/// Returns what is wrong with a link that stands in the document `from`.
fn fault(from: &Path, target: &str) -> Option<String> {
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = if file.is_empty() {
        root().join(from)
    } else {
        root().join(from).parent().unwrap().join(file)
    };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => return Some(format!("{target}: {error}")),
    };
    let is_there = heading.is_empty() || anchors(&text).iter().any(|anchor| anchor == heading);
    (!is_there).then(|| format!("{target}: there is no such heading"))
}

fn faults(from: &Path, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (line, prose) in prose(text) {
        let targets = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let own = targets.filter(|target| !target.contains("://"));
        let found = own.filter_map(|target| fault(from, target));
        faults.extend(found.map(|fault| format!("{}:{line}: {fault}", from.display())));
    }
    faults
}

#[test]
fn every_link_leads_somewhere() {
    let documents = documents();
    assert!(documents.len() > 8, "{documents:?}");
    let read = |path: &PathBuf| fs::read_to_string(root().join(path)).unwrap();
    let found: Vec<String> = documents.iter().flat_map(|path| faults(path, &read(path))).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_link_to_nowhere_is_a_fault() {
    let of = |text: &str| faults(Path::new("README.md"), text).len();
    assert_eq!(of("[a](docs/options.md#of-an-account) and [b](https://example.org/x#y)"), 0);
    assert_eq!(of("[a](docs/nothing.md)"), 1);
    assert_eq!(of("[a](docs/options.md#nothing) [b](#nothing)"), 2);
    assert_eq!(of("```text\n[a](docs/nothing.md)\n```\n"), 0);
}
