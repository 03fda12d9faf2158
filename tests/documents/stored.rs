//! What is in Redis after the examples is what PROTOCOL.md lists: keys, types, fields.

use std::collections::{BTreeMap, BTreeSet};

use redis::aio::MultiplexedConnection;

use crate::{
    fixture::Fixture,
    markdown::{code_words, rows, section},
};

const PREFIX: &str = "antre:{default}:";
/// What the examples must leave behind: a document without examples would pass.
const NEEDED: [&str; 8] = [
    "inbox",
    "done",
    "dead",
    "meta:<id>",
    "result:<id>",
    "ended",
    "external_id:<external_id>",
    "identity",
];

/// Returns each key, type and field that is in Redis and not in the document's tables.
pub(crate) async fn undocumented(text: &str, fixture: &Fixture) -> Vec<String> {
    let mut connection = fixture.connection().await;
    let keys: Vec<String> =
        redis::cmd("KEYS").arg("antre:*").query_async(&mut connection).await.unwrap();
    let documented = documented_keys(text);
    let fields = documented_fields(text);
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for key in &keys {
        let name = key.strip_prefix(PREFIX).unwrap_or(key);
        let found = documented.iter().find(|(pattern, _)| is_named(pattern, name));
        let kind: String = redis::cmd("TYPE").arg(key).query_async(&mut connection).await.unwrap();
        match found {
            None => faults.push(format!("key {key} ({kind}) is not in the table of keys")),
            Some((_, documented)) if *documented != kind => {
                faults.push(format!("key {key} is a {kind}, not a {documented}"));
            }
            Some((pattern, _)) => {
                seen.insert(pattern.clone());
                faults.extend(unknown_fields(pattern, key, &fields, &mut connection).await);
            }
        }
    }
    for needed in NEEDED {
        if !seen.contains(needed) {
            faults.push(format!("no example left a key {needed}"));
        }
    }
    faults
}

async fn unknown_fields(
    pattern: &str,
    key: &str,
    documented: &BTreeMap<&str, BTreeSet<String>>,
    connection: &mut MultiplexedConnection,
) -> Vec<String> {
    let Some(documented) = documented.get(pattern) else { return Vec::new() };
    let fields: Vec<String> = redis::cmd("HKEYS").arg(key).query_async(connection).await.unwrap();
    let is_known = |field: &String| documented.iter().any(|pattern| is_named(pattern, field));
    let unknown = fields.into_iter().filter(|field| !is_known(field));
    unknown.map(|field| format!("field {field} of {key} is not in its table")).collect()
}

/// Returns pattern and type of each documented key, without the account's prefix.
fn documented_keys(text: &str) -> Vec<(String, String)> {
    let mut keys = Vec::new();
    for row in rows(section(text, "## Keys")) {
        let [names, kind, ..] = row.as_slice() else { continue };
        for name in code_words(names) {
            let name = name.strip_prefix("antre:{A}:").unwrap_or(&name).trim_start_matches(':');
            keys.push((name.to_owned(), kind.clone()));
        }
    }
    keys
}

fn documented_fields(text: &str) -> BTreeMap<&'static str, BTreeSet<String>> {
    let tables = [
        ("meta:<id>", "## Fields of a job's record"),
        ("totals", "### Totals"),
        ("batch:<name>", "### Batches"),
        ("identity", "## Whose account it is"),
    ];
    let fields =
        |title| rows(section(text, title)).iter().flat_map(|row| code_words(&row[0])).collect();
    tables.into_iter().map(|(pattern, title)| (pattern, fields(title))).collect()
}

/// Returns whether `name` is as `pattern` says; `<…>` at a pattern's end stands for any text.
fn is_named(pattern: &str, name: &str) -> bool {
    match pattern.split_once('<') {
        Some((start, _)) => name.len() > start.len() && name.starts_with(start),
        None => pattern == name,
    }
}

#[test]
fn a_pattern_names_keys_that_begin_like_it() {
    assert!(is_named("meta:<id>", "meta:1-0"));
    assert!(is_named("inbox", "inbox"));
    assert!(!is_named("inbox", "inbox:1"));
    assert!(!is_named("meta:<id>", "meta:"));
}
