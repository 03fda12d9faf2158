//! A queue as texts by name, from either side, and how two of them differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Write as _};

/// Everything that is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Snapshot(BTreeMap<String, String>);

impl Snapshot {
    /// Adds a part; an empty one counts as absent.
    pub(crate) fn put(&mut self, name: impl Into<String>, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.0.insert(name.into(), text);
        }
    }

    /// Returns each part that differs, or `None` when none does.
    pub(crate) fn difference(redis: &Self, model: &Self) -> Option<String> {
        let mut text = String::new();
        let names: BTreeSet<&String> = redis.0.keys().chain(model.0.keys()).collect();
        for name in names {
            let side = |snapshot: &Self| snapshot.0.get(name).cloned().unwrap_or_default();
            let (redis, model) = (side(redis), side(model));
            if redis != model {
                write!(text, "\n  {name}\n    redis: {redis}\n    model: {model}").unwrap();
            }
        }
        (!text.is_empty()).then_some(text)
    }
}

/// Fields as one text, in the order of their names; empty ones and zeros are left out.
#[derive(Debug, Default)]
pub(crate) struct Fields(BTreeMap<&'static str, String>);

impl Fields {
    pub(crate) fn put(&mut self, name: &'static str, value: impl Display) -> &mut Self {
        let value = value.to_string();
        if !value.is_empty() && value != "0" {
            self.0.insert(name, value);
        }
        self
    }

    /// Puts a number that may be zero.
    pub(crate) fn put_option(
        &mut self,
        name: &'static str,
        value: Option<impl Display>,
    ) -> &mut Self {
        if let Some(value) = value {
            self.0.insert(name, value.to_string());
        }
        self
    }

    pub(crate) fn text(&self) -> String {
        let fields: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        fields.join(" ")
    }
}

/// Returns a sorted set as a text.
pub(crate) fn set_text(members: &[(u64, String)]) -> String {
    let members: Vec<_> = members.iter().map(|(score, id)| format!("{id}@{score}")).collect();
    members.join(" ")
}

/// Returns counters as a text; those at zero are left out.
pub(crate) fn counters_text(counters: &BTreeMap<String, i64>) -> String {
    let counters = counters.iter().filter(|(_, count)| **count != 0);
    counters.map(|(name, count)| format!("{name}={count}")).collect::<Vec<_>>().join(" ")
}
