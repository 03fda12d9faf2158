//! Bodies of HTML forms (`application/x-www-form-urlencoded`), as older SDKs send them.
//!
//! Names have brackets: `customer[email]`, `items[0][name]`, `payment_methods[]`. A form has texts only, so
//! the fields that are numbers or booleans in JSON are read as such.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use super::shape::{self, Kind};

/// Deeper names are cut; nothing in an invoice lies so deep.
const DEPTH_MAX: usize = 8;

/// Returns the JSON object that says the same as a form.
pub(super) fn to_json(body: &[u8]) -> Map<String, Value> {
    let mut root = Node::default();
    for (name, value) in form_urlencoded::parse(body) {
        let path = path_of(&name);
        let value = typed(&path, &value);
        root.put(&path, value);
    }
    let Value::Object(fields) = root.into_value() else { return Map::new() };
    fields
}

/// Returns the parts of `items[0][name]`.
fn path_of(name: &str) -> Vec<&str> {
    let (first, rest) = name.split_once('[').unwrap_or((name, ""));
    let rest = rest.strip_suffix(']').unwrap_or(rest);
    let parts = (!rest.is_empty() || name.ends_with("[]")).then(|| rest.split("]["));
    [first].into_iter().chain(parts.into_iter().flatten()).take(DEPTH_MAX).collect()
}

/// Returns a text as the number or the boolean that the field must be, if it stands for one.
fn typed(path: &[&str], text: &str) -> Value {
    let number = || serde_json::from_str::<Number>(text.trim()).ok().map(Value::Number);
    let truth = || text.parse::<bool>().ok().map(Value::Bool);
    let known = match shape::kind(&without_numbers(path)) {
        Some(Kind::Number(_)) => number(),
        Some(Kind::Boolean) => truth(),
        _ => None,
    };
    known.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Returns `items[].price` for `items[0][price]`.
fn without_numbers(path: &[&str]) -> String {
    let mut shown = String::new();
    for (place, part) in path.iter().enumerate() {
        let is_number = part.is_empty() || part.parse::<usize>().is_ok();
        match (place, is_number) {
            (0, _) => {}
            (_, true) => shown.push_str("[]"),
            (_, false) => shown.push('.'),
        }
        if !is_number {
            shown.push_str(part);
        }
    }
    shown
}

/// A value, or what lies below a name.
#[derive(Debug, Default)]
struct Node {
    value: Option<Value>,
    /// Numbers in their own order, then names; a part without a name comes after those before it.
    below: BTreeMap<(usize, String), Self>,
}

impl Node {
    fn put(&mut self, path: &[&str], value: Value) {
        let Some((part, rest)) = path.split_first() else {
            self.value = Some(value);
            return;
        };
        let key = match part.parse::<usize>() {
            Ok(number) => (number, String::new()),
            Err(_) if part.is_empty() => (self.below.len(), String::new()),
            Err(_) => (usize::MAX, (*part).to_owned()),
        };
        self.below.entry(key).or_default().put(rest, value);
    }

    fn into_value(self) -> Value {
        if self.below.is_empty() {
            return self.value.unwrap_or_default();
        }
        let is_list = self.below.keys().all(|(_, name)| name.is_empty());
        let below = self.below.into_iter();
        if is_list {
            return below.map(|(_, node)| node.into_value()).collect();
        }
        let named = |(number, name): (usize, String)| {
            if name.is_empty() { number.to_string() } else { name }
        };
        below.map(|(key, node)| (named(key), node.into_value())).collect::<Map<_, _>>().into()
    }
}

#[cfg(test)]
mod tests;
