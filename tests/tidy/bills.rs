//! A bill is a text of lines: its places are named alike by the scripts, by the reader and by PROTOCOL.md.

use std::fs;

use crate::workspace::root;

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_default()
}

/// Returns the words between quotes behind `begin`, up to `end`.
fn quoted(text: &str, begin: &str, end: &str, quote: char) -> Vec<String> {
    let list = text.split_once(begin).and_then(|(_, rest)| rest.split_once(end));
    let list = list.map_or("", |(list, _)| list);
    list.split(quote).skip(1).step_by(2).map(str::to_owned).collect()
}

/// Returns the numbers and names of the table.
fn numbered(protocol: &str) -> Vec<(usize, String)> {
    let section = protocol.split_once("### What is remembered of a bill").map_or("", |it| it.1);
    let rows = section.split("\n## ").next().unwrap_or_default().lines();
    let cells = rows.filter(|row| row.starts_with("| ")).filter_map(|row| row.split(" | ").next());
    let words = cells.flat_map(|cell| cell.trim_start_matches("| ").split(", "));
    let named = words.filter_map(|word| {
        let (number, name) = word.split_once(' ')?;
        Some((number.parse().ok()?, name.trim_matches('`').to_owned()))
    });
    named.collect()
}

#[test]
fn the_places_of_a_bill_are_named_alike_everywhere() {
    let script = read("crates/antre-store/src/lua/lib/bill_records.lua");
    let written = quoted(&script, "local places = {", "}", '\'');
    assert_eq!(written.len(), 18);
    let reader = read("crates/antre-store/src/bill_text.rs");
    assert_eq!(quoted(&reader, "const BILL_PLACES: [&str; 18] = [", "]", '"'), written);
    let documented: Vec<(usize, String)> = (1..).zip(written).collect();
    assert_eq!(numbered(&read("PROTOCOL.md")), documented);
}
