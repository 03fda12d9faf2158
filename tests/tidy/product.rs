//! The program that holds a live key links no demo, no simulator and no test tool unless it is asked to.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::crate_edges::{dependencies, folder, is_ours, manifest, manifests};
use crate::workspace::{self, SourceFile};

const PROGRAM: &str = "antre-cli";
const FEATURE: &str = "demo";
const TOYS: [&str; 5] =
    ["antre-model", "antre-demo", "antre-redis-server", "antre-testkit", "xendit-sim"];

/// Returns our crates that the program links without its features.
fn linked(manifests: &[SourceFile]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![PROGRAM.to_owned()];
    while let Some(name) = open.pop() {
        let manifest = manifests.iter().find(|file| folder(&file.path) == name);
        let Some(table) = manifest.and_then(|file| file.text.parse::<Table>().ok()) else {
            continue;
        };
        // A feature of another crate can be switched on from anywhere, so only the program's own may leave things out.
        let optional = if name == PROGRAM { optional(&table) } else { BTreeSet::new() };
        for used in dependencies(&table, &["dependencies", "build-dependencies"]) {
            if is_ours(&used) && !optional.contains(&used) && found.insert(used.clone()) {
                open.push(used);
            }
        }
    }
    found
}

fn optional(table: &Table) -> BTreeSet<String> {
    let dependencies = table.get("dependencies").and_then(Value::as_table).into_iter().flatten();
    let is_optional = |value: &Value| value.get("optional") == Some(&Value::Boolean(true));
    dependencies.filter(|(_, value)| is_optional(value)).map(|(name, _)| name.clone()).collect()
}

fn faults(manifests: &[SourceFile]) -> Vec<String> {
    let linked = linked(manifests);
    let toys = TOYS.iter().filter(|toy| linked.contains(**toy));
    toys.map(|toy| format!("{PROGRAM} links {toy} also without the feature {FEATURE}")).collect()
}

#[test]
fn without_the_feature_the_program_links_no_toy() {
    let manifests = manifests(workspace::files().unwrap());
    assert!(linked(&manifests).contains("antre-core"), "the manifests are not read");
    workspace::assert_none(&faults(&manifests));
}

#[test]
fn the_feature_is_on_unless_somebody_switches_it_off() {
    let files = workspace::files().unwrap();
    let manifest = workspace::required(&files, "crates/antre-cli/Cargo.toml").unwrap();
    let features = manifest.text.parse::<Table>().unwrap()["features"].clone();
    assert_eq!(features["default"], Value::from(vec![FEATURE]));
    assert_eq!(features[FEATURE], Value::from(vec!["dep:antre-demo"]));
}

#[test]
fn ci_checks_the_program_without_the_feature() {
    let files = workspace::files().unwrap();
    let ci = workspace::required(&files, ".ci/run").unwrap();
    assert!(ci.text.contains("-p antre-cli --no-default-features"));
}

#[test]
fn a_toy_is_a_fault_however_it_comes_in() {
    let optional = "[dependencies]\nantre-demo = { workspace = true, optional = true }";
    let always = "[dependencies]\nantre-demo.workspace = true";
    let by_worker = "[dependencies]\nantre-worker.workspace = true";
    let sim = "[dependencies]\nxendit-sim = { workspace = true, optional = true }";
    let demo = || manifest("antre-demo", "[dependencies]\nxendit-sim.workspace = true");
    assert_eq!(faults(&[manifest(PROGRAM, optional), demo()]), [""; 0]);
    assert_eq!(faults(&[manifest(PROGRAM, always), demo()]).len(), 2);
    assert_eq!(faults(&[manifest(PROGRAM, by_worker), manifest("antre-worker", sim)]).len(), 1);
}
