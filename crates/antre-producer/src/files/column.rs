//! Columns: the meaning of a name in the first line of a CSV file.

use std::fmt;

use antre_core::schema::{ATTRIBUTES, ENVELOPE, Shape, find};
use antre_xendit::body::INVOICE;

/// Tells whether a column of this name is that field of the job itself.
fn is_job_field(name: &str) -> bool {
    find(ENVELOPE, name).is_some() && name != "customer"
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
    /// A name in which every digit counts.
    Identity,
    /// A telephone number.
    Phone,
    /// An e-mail address. One that is none is left out later, with a warning.
    Mail,
    /// A JSON list of texts.
    List,
    /// A JSON object: only as a whole, since its parts have columns of their own.
    Object,
    /// A JSON list of objects.
    Objects,
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
        if !parts.contains(&"metadata") && !parts.iter().all(|part| has_usual_letters(part)) {
            return Err("holds a character that no field's name has; remove it".to_owned());
        }
        let path = segments(&parts)?;
        refuse_other_parts(&path)?;
        let field = Dotted(&path).to_string();
        Ok(Self { name: name.to_owned(), kind: kind(&path), field, path })
    }
}

/// Quotation marks and the like come of rows that were damaged.
fn has_usual_letters(name: &str) -> bool {
    name.chars().all(|character| character.is_alphanumeric() || "_- ".contains(character))
}

/// Returns the parts of the path from the job on.
fn place<'a>(parts: &[&'a str]) -> Result<Vec<&'a str>, String> {
    let with = |prefix: &[&'a str], rest: &[&'a str]| [prefix, rest].concat();
    match parts {
        ["job" | "invoice"] => Err("needs a field after a dot".to_owned()),
        ["job", first, rest @ ..] => match INVOICE.unknown_job_field(first) {
            Some(fault) => Err(fault),
            None => Ok(with(&[*first], rest)),
        },
        ["invoice", ..] => Ok(parts.to_vec()),
        [name] if is_job_field(name) => Ok(vec![name]),
        [name] | ["customer", name] if is_attribute(name) => Ok(vec!["customer", name]),
        [first, ..] => match near_miss(first) {
            Some(meant) => Err(format!("is not a field; write {meant}")),
            None => match misspelt_job_field(first) {
                Some(advice) => Err(advice),
                None => Ok(with(&["invoice"], parts)),
            },
        },
        [] => Err("is empty".to_owned()),
    }
}

/// Returns the known name that `name` is but for capitals, blanks and dashes.
fn near_miss(name: &str) -> Option<&'static str> {
    known_like(name).filter(|known| *known != name)
}

/// Returns the known name that `name` is or nearly is.
fn known_like(name: &str) -> Option<&'static str> {
    let others = || ATTRIBUTES.iter().chain(INVOICE.fields).map(|field| field.name);
    let known = || INVOICE.job_fields().chain(others());
    let plain = |text: &str| text.to_lowercase().replace([' ', '-', '_'], "");
    known()
        .find(|known| *known == name)
        .or_else(|| known().find(|known| plain(known) == plain(name)))
}

/// Tells whether a line of cells can be meant to name columns.
pub(super) fn are_names(cells: &[String]) -> bool {
    cells.iter().any(|cell| {
        let first = cell.split('.').find(|part| !["invoice", "job"].contains(part));
        first.is_some_and(|first| known_like(first).is_some())
    })
}

/// Returns what JSON says about such a field of a job, if the name is like one.
fn misspelt_job_field(name: &str) -> Option<String> {
    let is_known = find(INVOICE.fields, name).is_some() || is_job_field(name);
    INVOICE.meant_job_field(name).filter(|_| !is_known)?;
    let fault = INVOICE.unknown_job_field(name)?;
    Some(format!("{fault} (a field of the invoice is written invoice.{name})"))
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

/// Returns the names on the path as the schema has them.
fn names(path: &[Segment]) -> Vec<&str> {
    let names = path.iter().map(|segment| match segment {
        Segment::Field(name) => name.as_str(),
        Segment::Index(_) => "*",
    });
    names.collect()
}

/// Refuses parts that a field of Xendit's does not have: names in a list, numbers in an object, and any in
/// a single value.
fn refuse_other_parts(path: &[Segment]) -> Result<(), String> {
    let names = names(path);
    for (length, next) in path.iter().enumerate().skip(1) {
        let (above, _) = names.split_at(length);
        let field = Dotted(path.get(..length).unwrap_or_default());
        match (INVOICE.shape_at(above), next) {
            (Some(Shape::Objects(_) | Shape::Texts), Segment::Field(name)) => {
                return Err(format!(
                    "{field} is a list; number its entries, as in {field}.0.{name}"
                ));
            }
            (Some(Shape::Object(_)), Segment::Index(_)) => {
                return Err(format!("{field} is no list; leave out the number"));
            }
            (Some(Shape::Number | Shape::Boolean | Shape::Text), _) => {
                return Err(format!("{field} is one value, without parts; write {field}"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Tells whether it is a whole entry of a list of objects.
fn is_entry(names: &[&str]) -> bool {
    let above = names.strip_suffix(&["*"]);
    above.is_some_and(|above| matches!(INVOICE.shape_at(above), Some(Shape::Objects(_))))
}

fn kind(path: &[Segment]) -> Kind {
    let names = names(path);
    match INVOICE.shape_at(&names) {
        Some(Shape::Number) => return Kind::Number,
        Some(Shape::Boolean) => return Kind::Boolean,
        Some(Shape::Object(_) | Shape::Open) => return Kind::Object,
        Some(Shape::Objects(_)) => return Kind::Objects,
        None if is_entry(&names) => return Kind::Object,
        _ => {}
    }
    match names.as_slice() {
        ["batch" | "reference"] | ["invoice", "external_id"] => Kind::Identity,
        ["invoice", "customer", "mobile_number" | "phone_number"] => Kind::Phone,
        ["invoice", "payer_email"] | ["invoice", "customer", "email"] => Kind::Mail,
        ["invoice", .., name] if is_identity(name) => Kind::Identity,
        ["priority" | "run_at" | "traceparent"]
        | ["customer", "tipe" | "type"]
        | ["invoice", "description"]
        | ["invoice", "metadata", _, ..]
        | ["invoice", "customer", "given_names" | "surname"]
        | ["invoice", "items", "*", "name" | "category"] => Kind::Text,
        ["invoice", "payment_methods"] | ["invoice", "customer_notification_preference", _] => {
            Kind::List
        }
        _ => Kind::Free,
    }
}

/// Tells whether a field's name says that digits in it are somebody's or something's name.
fn is_identity(name: &str) -> bool {
    let name = name.to_lowercase();
    let is_word = ["id", "number", "no", "nik", "npwp"].contains(&name.as_str());
    let is_ending =
        ["_id", "_number", "_no", "-id", "-number", "-no"].iter().any(|end| name.ends_with(end));
    let is_contact = ["phone", "mobile", "whatsapp"].iter().any(|word| name.contains(word));
    is_word || is_ending || is_contact
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
