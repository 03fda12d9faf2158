//! Columns: what a name in the first line of a CSV file means.

use std::fmt;

use antre_protocol::schema::{ATTRIBUTES, INVOICE, JOB, Shape, find, shape_at};

/// Tells whether a column of this name is that field of the job itself.
fn is_job_field(name: &str) -> bool {
    find(JOB, name).is_some() && !["invoice", "customer"].contains(&name)
}

/// Tells whether it is an attribute of the job's own `customer`. Xendit has none of them.
fn is_attribute(name: &str) -> bool {
    find(ATTRIBUTES, name).is_some()
}

/// The most entries of a list; Xendit takes 75 items.
const INDEX_MAX: usize = 99;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    Field(String),
    Index(usize),
}

/// How a column's cells are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number, passed on digit by digit.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Text, whatever it looks like.
    Text,
    /// A JSON list of texts.
    List,
    /// Text, or JSON if it begins like that.
    Free,
}

/// One column.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// As the file spells it.
    pub(super) name: String,
    /// The place in the job.
    pub(super) path: Vec<Segment>,
    /// The place as messages spell it.
    pub(super) field: String,
    pub(super) kind: Kind,
}

impl Column {
    /// Returns what the name means, or what is wrong with it.
    pub(super) fn parse(name: &str) -> Result<Self, String> {
        let parts: Vec<&str> = name.split('.').collect();
        if parts.iter().any(|part| part.trim().is_empty()) {
            return Err("has an empty part between its dots".to_owned());
        }
        let parts = place(&parts)?;
        let path = segments(&parts)?;
        let field = Dotted(&path).to_string();
        Ok(Self { name: name.to_owned(), kind: kind(&path), field, path })
    }
}

/// Returns the parts of the path from the job on.
fn place<'a>(parts: &[&'a str]) -> Result<Vec<&'a str>, String> {
    let with = |prefix: &[&'a str], rest: &[&'a str]| [prefix, rest].concat();
    match parts {
        ["job" | "invoice"] => Err("needs a field after a dot".to_owned()),
        ["job", rest @ ..] => Ok(rest.to_vec()),
        ["invoice", ..] => Ok(parts.to_vec()),
        [name] if is_job_field(name) => Ok(vec![name]),
        [name] | ["customer", name] if is_attribute(name) => Ok(vec!["customer", name]),
        [first, ..] => match near_miss(first) {
            Some(meant) => Err(format!("is not a field; write {meant}")),
            None => Ok(with(&["invoice"], parts)),
        },
        [] => Err("is empty".to_owned()),
    }
}

/// Returns the known name that `name` is but for capitals, blanks and dashes.
fn near_miss(name: &str) -> Option<&'static str> {
    let mut known = JOB.iter().chain(ATTRIBUTES).chain(INVOICE).map(|field| field.name);
    if known.clone().any(|known| known == name) {
        return None;
    }
    let plain = |text: &str| text.to_lowercase().replace([' ', '-', '_'], "");
    known.find(|known| plain(known) == plain(name))
}

fn segments(parts: &[&str]) -> Result<Vec<Segment>, String> {
    let mut is_metadata = false;
    let mut path = Vec::with_capacity(parts.len());
    for (position, part) in parts.iter().enumerate() {
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
        path.push(if is_number && position > 0 && !is_metadata {
            let index = part.parse().ok().filter(|index| *index <= INDEX_MAX);
            Segment::Index(index.ok_or_else(|| format!("counts beyond {INDEX_MAX}"))?)
        } else {
            Segment::Field((*part).to_owned())
        });
        is_metadata |= position == 1 && *part == "metadata";
    }
    Ok(path)
}

fn kind(path: &[Segment]) -> Kind {
    let names: Vec<&str> = path
        .iter()
        .map(|segment| match segment {
            Segment::Field(name) => name.as_str(),
            Segment::Index(_) => "*",
        })
        .collect();
    match shape_at(&names) {
        Some(Shape::Number) => return Kind::Number,
        Some(Shape::Boolean) => return Kind::Boolean,
        _ => {}
    }
    match names.as_slice() {
        ["priority" | "run_at" | "batch" | "reference" | "traceparent"]
        | ["customer", "tipe" | "type"]
        | ["invoice", "external_id" | "description" | "payer_email"]
        | ["invoice", "metadata", _, ..]
        | [
            "invoice",
            "customer",
            "given_names" | "surname" | "email" | "mobile_number" | "phone_number",
        ]
        | ["invoice", "items", "*", "name" | "category"] => Kind::Text,
        ["invoice", "payment_methods"] | ["invoice", "customer_notification_preference", _] => {
            Kind::List
        }
        _ => Kind::Free,
    }
}

/// A path as messages spell it: `invoice.items.0.name`.
struct Dotted<'a>(&'a [Segment]);

impl fmt::Display for Dotted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            f.write_str(if position > 0 { "." } else { "" })?;
            match segment {
                Segment::Field(name) => f.write_str(name)?,
                Segment::Index(index) => write!(f, "{index}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
