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

fn tried() -> BTreeSet<&'static str> {
    COMMANDS.iter().chain(&OF_USE).map(|it| it.split(' ').next().unwrap()).collect()
}

/// `HELLO` is asked of a server that refuses `INFO`, and may be refused as well; the others are for the nodes of a cluster.
const NOT_NEEDED: [&str; 3] = ["hello", "cluster", "asking"];
/// Sent by the library, or under a name that stands in no quotes.
const ELSEWHERE: [&str; 14] = [
    "eval",
    "eval_ro",
    "evalsha",
    "evalsha_ro",
    "exists",
    "hgetall",
    "hmget",
    "hget",
    "smembers",
    "subscribe",
    "fcall",
    "function",
    "get",
    "zrevrange",
];

#[test]
fn every_command_of_scripts_and_calls_is_among_those_that_are_tried() {
    let in_scripts = called("redis.call('", '\'');
    let in_calls: BTreeSet<String> =
        called("cmd(\"", '"').union(&called("call(\"", '"')).cloned().collect();
    assert!(in_scripts.len() > 30 && in_calls.len() > 15, "{in_scripts:?} {in_calls:?}");
    let used: BTreeSet<&str> = in_scripts.union(&in_calls).map(String::as_str).collect();
    let missing: Vec<&&str> =
        used.iter().filter(|it| !tried().contains(**it) && !NOT_NEEDED.contains(it)).collect();
    assert_eq!(missing, [&""; 0]);
    let useless: Vec<&str> =
        tried().into_iter().filter(|it| !used.contains(it) && !ELSEWHERE.contains(it)).collect();
    assert_eq!(useless, [""; 0]);
}

#[test]
fn a_subcommand_is_named_as_the_acl_spells_it() {
    assert_eq!(name("function load f"), "function|load");
    assert_eq!(name("xinfo stream {key}"), "xinfo|stream");
    assert_eq!(name("info"), "info");
}

#[test]
fn very_many_accounts_share_one_pattern() {
    let accounts: Vec<AccountName> =
        (0..6).map(|number| format!("brand-{number}").parse().unwrap()).collect();
    let few = Role::Reader.acl_line(&accounts[..2]);
    assert!(few.contains(" %R~antre:{brand-0}:* %R~antre:{brand-1}:* +eval"), "{few}");
    let many = Role::Reader.acl_line(&accounts);
    assert!(many.contains(" %R~antre:accounts %R~antre:{*}:* +eval"), "{many}");
}
