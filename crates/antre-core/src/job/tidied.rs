//! Values of nearly the right type, brought into the type of their field.
//!
//! Databases, spreadsheets and loosely typed languages write numbers and truth values as texts and the other way
//! round, and PHP writes an empty object as `[]`. What means nothing in its place is a fault, because a provider refuses
//! the whole body for it.

use serde_json::value::RawValue;

use super::fault::{Fault, FaultCode, Faults, shown};
use super::fields::is_blank_text;
use crate::product::Product;
use crate::raw_object::{Kind, RawObject, decode, encode};
use crate::schema::{Field, Shape, find};
use crate::value;

/// What becomes of a value.
enum Tidied {
    /// It stays as it is.
    Kept,
    /// This JSON text stands for it.
    Better(String),
    /// It is empty, so the field is left out.
    Absent,
}

/// Returns the body with every known field in its own type; adds a fault for each value that has no meaning there.
/// The fields in `left` stay as they are: the provider reads them by itself.
pub fn tidied(
    body: &RawObject,
    product: &Product,
    left: &[&str],
    faults: &mut Faults,
) -> RawObject {
    let mut tidied = body.clone();
    for name in names(body).iter().filter(|name| !left.contains(&name.as_str())) {
        field(&mut tidied, name, product.fields, product.field, faults);
    }
    tidied
}

fn object(object: &mut RawObject, fields: &[Field], path: &str, faults: &mut Faults) {
    for name in names(object) {
        field(object, &name, fields, path, faults);
    }
}

fn names(object: &RawObject) -> Vec<String> {
    object.names().map(str::to_owned).collect()
}

fn field(object: &mut RawObject, name: &str, fields: &[Field], path: &str, faults: &mut Faults) {
    let Some((shape, raw)) = find(fields, name).zip(object.get(name)) else { return };
    match in_type(raw, shape, &format!("{path}.{}", shown(name)), faults) {
        Tidied::Kept => {}
        Tidied::Better(better) => object.set(name, &better),
        Tidied::Absent => object.remove(name),
    }
}

/// Returns the value in the type of its field. `null` stays.
fn in_type(raw: &str, shape: Shape, path: &str, faults: &mut Faults) -> Tidied {
    let kind = Kind::of(raw);
    if kind == Kind::Null || matches!(shape, Shape::Contact) {
        return Tidied::Kept;
    }
    if is_blank_text(raw) {
        return Tidied::Absent;
    }
    if matches!(shape, Shape::Text) {
        return text(raw, path, faults);
    }
    // A cell of a file that holds a list or an object is a text, too.
    let inside = decode(raw).filter(|text| text.trim_start().starts_with(['[', '{']));
    let value = match &inside {
        Some(text) if serde_json::from_str::<&RawValue>(text).is_ok() => text.trim(),
        _ => raw,
    };
    let better = match shape {
        Shape::Number => number(value, path, faults),
        Shape::Boolean => boolean(value, path, faults),
        Shape::Object(fields) => inner(value, Some(fields), path, faults),
        Shape::Open => inner(value, None, path, faults),
        Shape::Objects(fields) => list(value, path, faults, |entry, path, faults| {
            inner(entry, Some(fields), path, faults)
        }),
        Shape::Texts | Shape::Text | Shape::Contact => {
            list(value, path, faults, |entry, path, faults| match text(entry, path, faults) {
                Tidied::Better(better) => Some(better),
                Tidied::Kept | Tidied::Absent => None,
            })
        }
    };
    match better {
        Some(better) => Tidied::Better(better),
        None if value != raw => Tidied::Better(value.to_owned()),
        None => Tidied::Kept,
    }
}

/// Adds the fault of a value of another kind than `wanted`.
fn wrong_type(raw: &str, wanted: &str, path: &str, faults: &mut Faults) {
    let what = format!("must be {wanted}, not {}", Kind::of(raw));
    faults.push(Fault::of(FaultCode::WrongType, path, what));
}

/// Returns the text of a whole number: others may have lost digits.
fn text(raw: &str, path: &str, faults: &mut Faults) -> Tidied {
    match Kind::of(raw) {
        Kind::Text | Kind::Null => Tidied::Kept,
        Kind::Number if !raw.contains(['.', 'e', 'E']) => Tidied::Better(encode(raw.trim())),
        Kind::Number | Kind::Boolean | Kind::Array | Kind::Object => {
            wrong_type(raw, "a text in quotes", path, faults);
            Tidied::Kept
        }
    }
}

fn number(raw: &str, path: &str, faults: &mut Faults) -> Option<String> {
    let text = match Kind::of(raw) {
        Kind::Text => decode(raw)?,
        Kind::Number => raw.to_owned(),
        Kind::Object | Kind::Array | Kind::Boolean | Kind::Null => {
            wrong_type(raw, "a number", path, faults);
            return None;
        }
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
        Kind::Boolean => return None,
        Kind::Text => decode(raw)?,
        Kind::Number => raw.to_owned(),
        Kind::Object | Kind::Array | Kind::Null => {
            wrong_type(raw, "true or false", path, faults);
            return None;
        }
    };
    match value::boolean(&text) {
        Ok(is_true) => Some(is_true.to_string()),
        Err(fault) => {
            faults.push(Fault::of(FaultCode::InvalidValue, path, fault));
            None
        }
    }
}

/// Reads an object, of these fields if they are known.
fn inner(raw: &str, fields: Option<&[Field]>, path: &str, faults: &mut Faults) -> Option<String> {
    if is_empty_list(raw) {
        return Some("{}".to_owned());
    }
    if !matches!(Kind::of(raw), Kind::Object | Kind::Null) {
        wrong_type(raw, "an object", path, faults);
    }
    let (fields, before) = (fields?, RawObject::parse(raw).ok()?);
    let mut after = before.clone();
    object(&mut after, fields, path, faults);
    (after != before).then(|| after.to_json())
}

fn list(
    raw: &str,
    path: &str,
    faults: &mut Faults,
    better: impl Fn(&str, &str, &mut Faults) -> Option<String>,
) -> Option<String> {
    if is_empty_object(raw) {
        return Some("[]".to_owned());
    }
    if Kind::of(raw) != Kind::Array {
        // A list with gaps in its numbers becomes an object in PHP.
        let is_object = Kind::of(raw) == Kind::Object;
        let wanted =
            if is_object { "a list in [ ] (in PHP: array_values)" } else { "a list in [ ]" };
        wrong_type(raw, wanted, path, faults);
        return None;
    }
    let entries: Vec<&RawValue> = serde_json::from_str(raw).ok()?;
    let mut is_changed = false;
    let mut texts = Vec::with_capacity(entries.len());
    for (index, entry) in entries.into_iter().enumerate() {
        let better = better(entry.get(), &format!("{path}[{index}]"), faults);
        is_changed |= better.is_some();
        texts.push(better.unwrap_or_else(|| entry.get().to_owned()));
    }
    is_changed.then(|| format!("[{}]", texts.join(",")))
}

/// PHP's `json_encode` of an empty array.
pub(super) fn is_empty_list(raw: &str) -> bool {
    is_empty_between(raw, '[', ']')
}

/// The same with `JSON_FORCE_OBJECT`.
fn is_empty_object(raw: &str) -> bool {
    is_empty_between(raw, '{', '}')
}

fn is_empty_between(raw: &str, open: char, close: char) -> bool {
    let inside = raw.trim().strip_prefix(open).and_then(|raw| raw.strip_suffix(close));
    inside.is_some_and(|inside| inside.trim().is_empty())
}
