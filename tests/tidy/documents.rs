//! The documents and the code name the same variables and routes.

use std::collections::BTreeSet;

use crate::workspace::{self, SourceFile};

const PREFIXES: [&str; 2] = ["ANTRE_", "XENDIT_"];
const ROUTES: [&str; 7] = [
    "/rate-limiter/status",
    "/rate-limiter/retry-failed",
    "/rate-limiter/health",
    "/scaling",
    "/healthz",
    "/readyz",
    "/metrics",
];
const CLI: &str = "crates/antre-cli/src/";
const ADMIN: &str = "crates/antre-admin/src/";

/// Returns the whole names of variables in `text`; a bare prefix is none.
fn variables(text: &str) -> BTreeSet<&str> {
    let is_part = |character: char| {
        character.is_ascii_uppercase() || character.is_ascii_digit() || character == '_'
    };
    text.split(|character| !is_part(character))
        .filter(|word| PREFIXES.iter().any(|prefix| word.starts_with(prefix) && word != prefix))
        .collect()
}

fn variable_faults(pages: &str, code: &str) -> Vec<String> {
    let (documented, read) = (variables(pages), variables(code));
    let unknown =
        documented.difference(&read).map(|name| format!("the pages: {name} is not in {CLI}"));
    let silent = read.difference(&documented).map(|name| format!("{CLI}: {name} is on no page"));
    unknown.chain(silent).collect()
}

fn route_faults(documents: &str, router: &str) -> Vec<String> {
    let mut routes: BTreeSet<&str> = ROUTES.into();
    // `.route("/path", …)`, also with a line break after the bracket.
    let calls =
        router.split(".route(").skip(1).filter_map(|call| call.trim_start().strip_prefix('"'));
    routes.extend(calls.filter_map(|call| call.split('"').next()));
    let silent = routes.iter().filter(|route| !documents.contains(*route));
    let silent = silent.map(|route| format!("{route} is on no page"));
    let absent = ROUTES.iter().filter(|route| !router.contains(*route));
    silent.chain(absent.map(|route| format!("{ADMIN} does not serve {route}"))).collect()
}

/// Returns the code of a folder, without comments and tests.
fn code_under(folder: &str, files: &[SourceFile]) -> String {
    let is_code = |file: &&SourceFile| {
        file.path.starts_with(folder) && file.has_extension("rs") && !file.is_test_code()
    };
    let lines = files.iter().filter(is_code).flat_map(|file| file.text.lines());
    lines.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Returns the texts for people who run it.
fn pages(files: &[SourceFile]) -> String {
    let is_page = |file: &&SourceFile| file.path == "README.md" || file.path.starts_with("docs/");
    files.iter().filter(is_page).map(|file| file.text.as_str()).collect()
}

#[test]
fn every_variable_is_documented_and_every_documented_one_exists() {
    let files = workspace::files().unwrap();
    workspace::assert_none(&variable_faults(&pages(&files), &code_under(CLI, &files)));
}

#[test]
fn every_route_is_served_and_documented() {
    let files = workspace::files().unwrap();
    let documents = pages(&files) + &workspace::required(&files, "PROTOCOL.md").unwrap().text;
    workspace::assert_none(&route_faults(&documents, &code_under(ADMIN, &files)));
}

#[test]
fn a_variable_on_one_side_only_is_a_fault() {
    let both = "ANTRE_REDIS_URL and `ANTRE_` + the option's name";
    assert_eq!(variable_faults(both, "\"ANTRE_REDIS_URL\""), [""; 0]);
    assert_eq!(variable_faults("XENDIT_OLD", "").len(), 1);
    assert_eq!(variable_faults("", "\"ANTRE_NEW\"").len(), 1);
    assert_eq!(variable_faults("ANTRE_LIMITS", "ANTRE_LIMIT").len(), 2);
}

#[test]
fn a_route_without_documentation_or_server_is_a_fault() {
    let all = ROUTES.map(|route| format!(".route(\n\"{route}\", get(x))")).concat();
    assert_eq!(route_faults(&all, &all), [""; 0]);
    assert_eq!(route_faults(&all.replace("/readyz", ""), &all).len(), 1);
    assert_eq!(route_faults(&all, &all.replace("/readyz", "")).len(), 1);
    assert_eq!(route_faults(&all, &format!("{all}.route(\"/new\", x)")).len(), 1);
}
