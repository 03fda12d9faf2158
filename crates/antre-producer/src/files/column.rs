//! Columns: what a name in the first line of a CSV file means.

use std::fmt;

/// The fields of the job itself; a column of such a name is that.
const JOB_FIELDS: [&str; 7] =
    ["priority", "run_at", "batch", "reference", "check_first", "max_retries", "traceparent"];
/// Attributes of the job's own `customer`, from which the priority follows. Xendit has none of them.
const CUSTOMER_ATTRIBUTES: [&str; 3] = ["is_vip", "tipe", "type"];
/// Fields of the invoice whose wrong spelling would pass unnoticed.
const INVOICE_FIELDS: [&str; 19] = [
    "external_id",
    "amount",
    "description",
    "payer_email",
    "customer",
    "customer_notification_preference",
    "should_send_email",
    "invoice_duration",
    "reminder_time",
    "reminder_time_unit",
    "success_redirect_url",
    "failure_redirect_url",
    "payment_methods",
    "currency",
    "locale",
    "items",
    "fees",
    "metadata",
    "channel_properties",
];
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
        [name] if JOB_FIELDS.contains(name) => Ok(vec![name]),
        [name] | ["customer", name] if CUSTOMER_ATTRIBUTES.contains(name) => {
            Ok(vec!["customer", name])
        }
        [first, ..] => match near_miss(first) {
            Some(meant) => Err(format!("is not a field; write {meant}")),
            None => Ok(with(&["invoice"], parts)),
        },
        [] => Err("is empty".to_owned()),
    }
}

/// Returns the known name that `name` is but for capitals, blanks and dashes.
fn near_miss(name: &str) -> Option<&'static str> {
    let mut known = JOB_FIELDS.iter().chain(&CUSTOMER_ATTRIBUTES).chain(&INVOICE_FIELDS);
    if known.clone().any(|known| *known == name) {
        return None;
    }
    let plain = |text: &str| text.to_lowercase().replace([' ', '-', '_'], "");
    known.find(|known| plain(known) == plain(name)).copied()
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
    match names.as_slice() {
        ["max_retries"]
        | ["invoice", "amount" | "invoice_duration" | "reminder_time"]
        | ["invoice", "items", "*", "quantity" | "price"]
        | ["invoice", "fees", "*", "value"] => Kind::Number,
        ["check_first"]
        | ["customer", "is_vip"]
        | [
            "invoice",
            "should_send_email" | "should_exclude_credit_card" | "should_authenticate_credit_card",
        ] => Kind::Boolean,
        ["priority" | "run_at" | "batch" | "reference" | "traceparent"]
        | ["customer", "tipe" | "type"]
        | ["invoice", "external_id" | "description" | "payer_email"]
        | ["invoice", "metadata", ..]
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
