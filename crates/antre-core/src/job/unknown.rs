//! Fields that Xendit does not know. It ignores them without a word: a misspelt address is nobody's.

use super::fault::shown;
use crate::raw_object::{Kind, RawObject};
use crate::schema::{ATTRIBUTES, Field, INVOICE, Shape, find, nearest};
use crate::warning::Warning;

/// The most warnings about the names in one job.
const WARNINGS_MAX: usize = 10;

/// Returns a warning for each field of the invoice that is not Xendit's, and for each attribute of the job's own
/// `customer` that would have an effect elsewhere.
pub(super) fn warnings(job: &RawObject, invoice: &RawObject) -> Vec<Warning> {
    let mut found = Vec::new();
    look(invoice, INVOICE, "", "invoice", &mut found);
    for name in job.object("customer").unwrap_or_default().names() {
        if let Some(meant) = meant_attribute(name) {
            let what =
                format!("is not sent and has no effect on the priority; did you mean {meant}?");
            found.push(warning(&format!("customer.{}", shown(name)), &what));
        }
    }
    found.truncate(WARNINGS_MAX);
    found
}

fn look(object: &RawObject, fields: &[Field], place: &str, path: &str, found: &mut Vec<Warning>) {
    for name in object.names() {
        if found.len() >= WARNINGS_MAX {
            return;
        }
        let path = format!("{path}.{}", shown(name));
        let place = if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
        match find(fields, name) {
            None => found.push(unknown(&path, nearest(fields, place_above(&place), name))),
            Some(Shape::Object(fields)) => {
                if let Some(inner) = object.object(name) {
                    look(&inner, fields, &place, &path, found);
                }
            }
            Some(Shape::Objects(fields)) => {
                for (index, inner) in object.objects(name).into_iter().enumerate() {
                    let path = format!("{path}[{index}]");
                    look(&inner, fields, &format!("{place}[{index}]"), &path, found);
                }
            }
            Some(
                Shape::Number
                | Shape::Boolean
                | Shape::Text
                | Shape::Contact
                | Shape::Texts
                | Shape::Open,
            ) => {}
        }
    }
}

fn place_above(place: &str) -> &str {
    place.rsplit_once('.').map_or("", |(above, _)| above)
}

fn unknown(path: &str, meant: Option<String>) -> Warning {
    let what = match meant {
        Some(meant) => {
            format!("is not a field of Xendit's, which ignores it; did you mean invoice.{meant}?")
        }
        None => "is not a field of Xendit's, which ignores it".to_owned(),
    };
    warning(path, &what)
}

fn warning(path: &str, what: &str) -> Warning {
    Warning {
        code: "unknown_field".into(),
        field: Some(path.to_owned().into()),
        message: what.to_owned().into(),
    }
}

/// Returns what the name of an attribute may mean: one that decides about the priority, or an address of the payer.
/// Attributes of the sender's own choice are nobody's business.
fn meant_attribute(name: &str) -> Option<String> {
    if find(ATTRIBUTES, name).is_some() {
        return None;
    }
    let customer = find(INVOICE, "customer");
    let Some(Shape::Object(fields)) = customer else { return None };
    let is_own =
        nearest(ATTRIBUTES, "customer", name).filter(|meant| meant.starts_with("customer.is_vip"));
    let is_payers = || {
        ["email", "mobile_number", "phone_number", "given_names"]
            .iter()
            .find(|known| {
                nearest(fields, "customer", name).as_deref() == Some(&format!("customer.{known}"))
            })
            .map(|known| format!("invoice.customer.{known}"))
    };
    is_own.or_else(is_payers)
}

/// Returns the objects in a list, an empty one for each other entry.
impl RawObject {
    fn objects(&self, name: &str) -> Vec<Self> {
        let entries = self.get(name).filter(|raw| Kind::of(raw) == Kind::Array);
        let entries: Vec<&serde_json::value::RawValue> =
            entries.and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
        entries.into_iter().map(|entry| Self::parse(entry.get()).unwrap_or_default()).collect()
    }
}

#[cfg(test)]
mod tests;
