//! A program that only enqueues compiles no worker: no framework, no HTTP client, no server.
//!
//! What is linked is asked of cargo itself, for features decide it: apalis comes with `antre-store`'s feature `worker`,
//! Xendit's client with `wire` of `antre-xendit`. rustls stays, for `rediss://`.

use std::{io, process::Command};

use toml::{Table, Value};

use crate::workspace;

const PROGRAM: &str = "antre-producer";
const STORE: &str = "antre-store";
const FEATURE: &str = "worker";
const UNWANTED: [&str; 12] = [
    "antre-operating",
    "antre-worker",
    "apalis",
    "apalis-codec",
    "apalis-core",
    "apalis-redis",
    "axum",
    "clap",
    "hyper",
    "reqwest",
    "tower-service",
    "ulid",
];

/// Returns one line for each package that is linked, `<name> v<version> …`.
fn tree() -> io::Result<String> {
    let arguments = ["tree", "-p", PROGRAM, "-e", "normal", "--prefix", "none"];
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(arguments).args(["--locked", "--offline"]).current_dir(workspace::root());
    let output = cargo.output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(io::Error::other(text(&output.stderr)))
    }
}

fn unwanted(tree: &str) -> Vec<String> {
    let is_linked =
        |name: &str| tree.lines().any(|line| line.split(' ').next().is_some_and(|it| it == name));
    let found = UNWANTED.into_iter().filter(|name| is_linked(name));
    found.map(|name| format!("{PROGRAM} links {name}")).collect()
}

#[test]
fn what_only_enqueues_links_no_worker() {
    let tree = tree().unwrap();
    assert!(tree.contains("antre-store v") && tree.contains("redis v"), "it is not read: {tree}");
    workspace::assert_none(&unwanted(&tree));
}

#[test]
fn a_framework_is_a_fault_and_a_name_that_only_begins_like_one_is_none() {
    let tree =
        "antre-producer v0.1.0 (/x)\napalis-redis v1.0.0\nhyper v1.6.0 (*)\nclapboard v1.0.0";
    assert_eq!(unwanted(tree), ["antre-producer links apalis-redis", "antre-producer links hyper"]);
}

#[test]
fn the_feature_is_on_for_who_names_the_store_and_off_in_the_workspace() {
    let files = workspace::files().unwrap();
    let read =
        |path: &str| workspace::required(&files, path).unwrap().text.parse::<Table>().unwrap();
    assert_eq!(
        read("crates/antre-store/Cargo.toml")["features"]["default"],
        Value::from(vec![FEATURE])
    );
    let listed = &read("Cargo.toml")["workspace"]["dependencies"][STORE];
    assert_eq!(listed["default-features"], Value::from(false));
}

#[test]
fn ci_checks_the_store_without_the_feature() {
    let files = workspace::files().unwrap();
    let ci = workspace::required(&files, ".ci/run").unwrap();
    assert!(ci.text.contains("-p antre-store --no-default-features"));
}
