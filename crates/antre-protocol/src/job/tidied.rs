//! Values of nearly the right type, brought into the type that Xendit wants.
//!
//! Databases, spreadsheets and loosely typed languages write numbers and truth values as texts, and PHP writes an
//! empty object as `[]`. What is of another kind altogether is passed on: Xendit says what it thinks of it.

use serde_json::value::RawValue;

use super::fault::{Fault, FaultCode, Faults, shown};
use crate::raw_object::{Kind, RawObject, decode};
use crate::schema::{Field, INVOICE, Shape, find};
use crate::value;

/// Returns the invoice with every known number a number, every truth value one and every empty list where an object
/// stands an empty object; adds a fault for each text that is none.
///
/// The amount is left alone: [`super::invoice`] reads it.
pub(super) fn invoice(invoice: &RawObject, faults: &mut Faults) -> RawObject {
    let mut tidied = invoice.clone();
    object(&mut tidied, INVOICE, "invoice", faults);
    tidied
}

fn object(object: &mut RawObject, fields: &[Field], path: &str, faults: &mut Faults) {
    let names: Vec<String> = object.names().map(str::to_owned).collect();
    for name in names {
        let Some(shape) = find(fields, &name).filter(|_| path != "invoice" || name != "amount")
        else {
            continue;
        };
        let Some(raw) = object.get(&name) else { continue };
        let path = format!("{path}.{}", shown(&name));
        if let Some(better) = better(raw, shape, &path, faults) {
            object.set(&name, &better);
        }
    }
}

/// Returns the value in the type of its field, if it is of another.
fn better(raw: &str, shape: Shape, path: &str, faults: &mut Faults) -> Option<String> {
    match shape {
        Shape::Number => number(raw, path, faults),
        Shape::Boolean => boolean(raw, path, faults),
        Shape::Object(fields) => inner(raw, fields, path, faults),
        Shape::Open => is_empty_list(raw).then(|| "{}".to_owned()),
        Shape::Objects(fields) => list(raw, fields, path, faults),
        Shape::Text | Shape::Texts => None,
    }
}

fn number(raw: &str, path: &str, faults: &mut Faults) -> Option<String> {
    let text = match Kind::of(raw) {
        Kind::Text => decode(raw)?,
        Kind::Number => raw.to_owned(),
        Kind::Object | Kind::Array | Kind::Boolean | Kind::Null => return None,
    };
    match value::number(&text) {
        Ok(number) => (number != raw).then_some(number),
        Err(fault) => {
            faults.push(Fault::of(FaultCode::InvalidValue, path, fault));
            None
        }
    }
}

fn boolean(raw: &str, path: &str, faults: &mut Faults) -> Option<String> {
    let text = match Kind::of(raw) {
        Kind::Text => decode(raw)?,
        Kind::Number => raw.to_owned(),
        Kind::Object | Kind::Array | Kind::Boolean | Kind::Null => return None,
    };
    match value::boolean(&text) {
        Ok(is_true) => Some(is_true.to_string()),
        Err(fault) => {
            faults.push(Fault::of(FaultCode::InvalidValue, path, fault));
            None
        }
    }
}

fn inner(raw: &str, fields: &[Field], path: &str, faults: &mut Faults) -> Option<String> {
    if is_empty_list(raw) {
        return Some("{}".to_owned());
    }
    let before = RawObject::parse(raw).ok()?;
    let mut after = before.clone();
    object(&mut after, fields, path, faults);
    (after != before).then(|| after.to_json())
}

fn list(raw: &str, fields: &[Field], path: &str, faults: &mut Faults) -> Option<String> {
    if Kind::of(raw) != Kind::Array {
        return None;
    }
    let entries: Vec<&RawValue> = serde_json::from_str(raw).ok()?;
    let mut is_changed = false;
    let mut texts = Vec::with_capacity(entries.len());
    for (index, entry) in entries.into_iter().enumerate() {
        let better = inner(entry.get(), fields, &format!("{path}[{index}]"), faults);
        is_changed |= better.is_some();
        texts.push(better.unwrap_or_else(|| entry.get().to_owned()));
    }
    is_changed.then(|| format!("[{}]", texts.join(",")))
}

/// PHP's `json_encode` of an empty array.
pub(super) fn is_empty_list(raw: &str) -> bool {
    let inside = raw.trim().strip_prefix('[').and_then(|raw| raw.strip_suffix(']'));
    inside.is_some_and(|inside| inside.trim().is_empty())
}
