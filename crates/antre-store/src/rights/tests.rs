use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::*;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// Returns the commands that stand between `mark` and a quote in all sources.
fn called(mark: &str, quote: char) -> BTreeSet<String> {
    let sources = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let texts = sources.iter().filter(|path| !path.ends_with("tests.rs"));
    let texts: Vec<String> = texts.map(|path| fs::read_to_string(path).unwrap()).collect();
    let calls = texts.iter().flat_map(|text| text.split(mark).skip(1));
    calls.map(|rest| rest.split(quote).next().unwrap().to_lowercase()).collect()
}

/// Only `antre check` scans, without functions the scripts run as such, and the last two are for the nodes of a cluster.
const NOT_NEEDED: [&str; 5] = ["scan", "fcall", "function", "cluster", "asking"];

#[test]
fn every_command_of_scripts_and_calls_is_among_those_that_are_tried() {
    let tried: BTreeSet<&str> = COMMANDS.iter().map(|it| it.split(' ').next().unwrap()).collect();
    let in_scripts = called("redis.call('", '\'');
    let in_calls = called("cmd(\"", '"');
    assert!(in_scripts.len() > 30 && in_calls.len() > 15, "{in_scripts:?} {in_calls:?}");
    let missing: Vec<&String> = in_scripts
        .iter()
        .chain(&in_calls)
        .filter(|it| !tried.contains(it.as_str()) && !NOT_NEEDED.contains(&it.as_str()))
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn a_subcommand_is_named_as_the_acl_spells_it() {
    assert_eq!(name("script load 0"), "script|load");
    assert_eq!(name("xinfo stream {key}"), "xinfo|stream");
    assert_eq!(name("info"), "info");
}
