//! README.md's table of options is that of the program: names, variables, defaults.

use std::{collections::BTreeMap, fs, path::Path};

use crate::markdown::{code_words, document, rows, section};

const SOURCE: &str = "crates/antre-cli/src/config/setting.rs";

/// Returns variable and default by option name, as the program has them.
fn options_of_the_program() -> BTreeMap<String, (String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(SOURCE);
    let text = fs::read_to_string(path).unwrap();
    let constants = text.split("pub(crate) const ").skip(1);
    let constants = constants.filter(|constant| constant.contains(": Setting ="));
    constants
        .map(|constant| {
            let constant = constant.split_once(';').map_or(constant, |(constant, _)| constant);
            let texts: Vec<&str> = constant.split('"').skip(1).step_by(2).collect();
            let (name, variable) = (texts[0], texts[1]);
            // The fallback variable, where there is one, stands between.
            (name.to_owned(), (variable.to_owned(), texts[texts.len() - 1].to_owned()))
        })
        .collect()
}

#[test]
fn every_option_is_in_the_table_with_its_variable_and_default() {
    let readme = document("README.md");
    let mut listed = BTreeMap::new();
    for row in rows(section(&readme, "## Configuration")) {
        let [name, variable, default, ..] = row.as_slice() else { continue };
        let word = |cell: &str| code_words(cell).first().cloned().unwrap_or_default();
        listed.insert(word(name), (word(variable), word(default)));
    }
    let options = options_of_the_program();
    assert!(options.len() > 20, "{SOURCE} is not read: {options:?}");
    for (name, (variable, default)) in &options {
        let Some((listed_variable, listed_default)) = listed.get(name) else {
            panic!("{name} is not in README.md's table of options");
        };
        assert_eq!(listed_variable, variable, "{name}");
        assert_eq!(listed_default, default, "{name}");
    }
}
