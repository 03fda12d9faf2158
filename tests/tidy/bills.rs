//! A bill is a list: its places are named alike by the scripts, by the reader and by PROTOCOL.md.

use std::fs;

use crate::workspace::root;

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Returns the words between quotes behind `begin`, up to `end`.
fn quoted(text: &str, begin: &str, end: &str, quote: char) -> Vec<String> {
    let list = text.split_once(begin).unwrap().1.split_once(end).unwrap().0;
    list.split(quote).skip(1).step_by(2).map(str::to_owned).collect()
}

/// Returns the names behind the numbers of the table, in the order of the numbers.
fn numbered(protocol: &str) -> Vec<String> {
    let section = protocol.split_once("### What is remembered of a bill").unwrap().1;
    let rows = section.split("\n## ").next().unwrap().lines().filter(|line| line.starts_with("| "));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    let named =
        cells.flat_map(|cell| cell.trim_start_matches("| ").split(", ")).filter_map(|word| {
            let (number, name) = word.split_once(' ')?;
            Some((number.parse::<usize>().ok()?, name.trim_matches('`').to_owned()))
        });
    let named: Vec<(usize, String)> = named.collect();
    assert!(named.iter().map(|(number, _)| *number).eq(1..=named.len()), "{named:?}");
    named.into_iter().map(|(_, name)| name).collect()
}

#[test]
fn the_places_of_a_bill_are_named_alike_everywhere() {
    let script = read("crates/antre-store/src/lua/lib/bill_records.lua");
    let written = quoted(&script, "local places = {", "}", '\'');
    let reader = read("crates/antre-store/src/inspect/records.rs");
    assert_eq!(quoted(&reader, "const PLACES: [&str; 18] = [", "]", '"'), written);
    assert_eq!(numbered(&read("PROTOCOL.md")), written);
}
