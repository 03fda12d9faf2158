//! A row under construction: cells by their paths, written as one JSON object.

use std::collections::BTreeMap;

use serde_json::Value;

use super::column::Segment;

/// A JSON value whose leaves are JSON texts.
#[derive(Debug)]
pub(super) enum Node {
    Leaf(String),
    /// In the order of the columns.
    Object(Vec<(String, Self)>),
    /// By index; gaps close when it is written.
    List(BTreeMap<usize, Self>),
}

impl Node {
    pub(super) fn empty_object() -> Self {
        Self::Object(Vec::new())
    }

    /// Puts a JSON text at the path. Returns false when something else is there or on the way.
    pub(super) fn put(&mut self, path: &[Segment], json: String) -> bool {
        let Some((segment, rest)) = path.split_first() else { return false };
        let leaf = || Self::Leaf(json.clone());
        let branch = || match rest.first() {
            None => leaf(),
            Some(Segment::Field(_)) => Self::empty_object(),
            Some(Segment::Index(_)) => Self::List(BTreeMap::new()),
        };
        let (child, is_new) = match (self, segment) {
            (Self::Object(fields), Segment::Field(name)) => {
                let found = fields.iter().position(|(field, _)| field == name);
                let place = found.unwrap_or(fields.len());
                if found.is_none() {
                    fields.push((name.clone(), branch()));
                }
                (fields.get_mut(place).map(|(_, child)| child), found.is_none())
            }
            (Self::List(entries), Segment::Index(index)) => {
                let is_new = !entries.contains_key(index);
                (Some(entries.entry(*index).or_insert_with(branch)), is_new)
            }
            (Self::Object(_) | Self::List(_) | Self::Leaf(_), _) => (None, false),
        };
        match child {
            Some(_) if rest.is_empty() => is_new,
            Some(child) => child.put(rest, json),
            None => false,
        }
    }

    /// Appends the value as JSON text.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Leaf(json) => out.push_str(json),
            Self::Object(fields) => {
                out.push('{');
                for (position, (name, child)) in fields.iter().enumerate() {
                    out.push_str(if position > 0 { "," } else { "" });
                    out.push_str(&Value::from(name.as_str()).to_string());
                    out.push(':');
                    child.write(out);
                }
                out.push('}');
            }
            Self::List(entries) => {
                out.push('[');
                for (position, child) in entries.values().enumerate() {
                    out.push_str(if position > 0 { "," } else { "" });
                    child.write(out);
                }
                out.push(']');
            }
        }
    }
}
