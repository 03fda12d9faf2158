//! docs/languages/conformance.tsv, and what runners print about it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::answers;

/// One step: what a runner does, and what it should see.
#[derive(Debug)]
struct Row {
    rule: String,
    call: String,
    name: String,
    argument: String,
    answer: String,
    is_optional: bool,
}

#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

impl Table {
    pub(crate) fn path() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/languages/conformance.tsv")
    }

    pub(crate) fn read() -> Self {
        let text = std::fs::read_to_string(Self::path()).unwrap();
        let mut rows: Vec<Row> = Vec::new();
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let [rule, call, _account, name, argument, answer] = cells.as_slice() else {
                panic!("six cells: {line}")
            };
            // A rule holds for the rows without one below it.
            let rule =
                if rule.is_empty() { rows.last().unwrap().rule.as_str() } else { rule }.to_owned();
            let [call, name, argument, answer] =
                [call, name, argument, answer].map(|it| (*it).to_owned());
            rows.push(Row { rule, call, name, argument, answer, is_optional: false });
        }
        Self { rows }
    }

    /// Returns the table in which these rows may be left out.
    pub(crate) fn with_optional(mut self, names: &[&str]) -> Self {
        for name in names {
            let row = self.rows.iter_mut().find(|row| row.name == *name);
            row.unwrap_or_else(|| panic!("no row {name}")).is_optional = true;
        }
        self
    }

    /// Returns the commands that are done before a runner starts.
    pub(crate) fn given(&self, account: &str) -> Vec<Vec<String>> {
        let given = self.rows.iter().filter(|row| row.call == "given");
        given
            .map(|row| {
                let words: Vec<String> = serde_json::from_str(&row.argument).unwrap();
                words
                    .into_iter()
                    .map(|word| word.replace("{A}", &format!("{{{account}}}")))
                    .collect()
            })
            .collect()
    }

    fn to_answer(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.call != "given")
    }

    /// Returns how many lines a runner prints.
    pub(crate) fn rows_to_answer(&self) -> usize {
        self.to_answer().count()
    }

    /// Returns each row that a runner saw go another way; `printed` has a line `name<TAB>JSON` for each.
    pub(crate) fn faults(&self, printed: &str) -> Vec<String> {
        let lines = printed.lines().filter_map(|line| line.split_once('\t'));
        let mut seen: BTreeMap<&str, &str> = lines.collect();
        let mut ids = BTreeMap::new();
        let mut faults = Vec::new();
        for row in self.to_answer() {
            let Some(text) = seen.remove(row.name.as_str()) else {
                if !row.is_optional {
                    faults.push(format!("{}: nothing printed", row.name));
                }
                continue;
            };
            let answer: Value = serde_json::from_str(text).unwrap_or_else(|_| text.into());
            if row.call == "enqueue"
                && let Some(id) = answer.as_str()
            {
                ids.insert(row.name.clone(), id.to_owned());
            }
            let expected: Value = serde_json::from_str(&row.answer).unwrap();
            if !answers::agree(&expected, &answer, &ids) {
                faults.push(format!(
                    "{}: {}\n  expected {expected}\n  saw {text}",
                    row.name, row.rule
                ));
            }
        }
        faults.extend(seen.keys().map(|name| format!("{name} is no row of the table")));
        faults
    }
}
