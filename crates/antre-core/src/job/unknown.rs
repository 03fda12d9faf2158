//! Fields that the provider does not know. It may ignore them without a word: a misspelt address is nobody's.

use super::fault::shown;
use crate::product::Product;
use crate::raw_object::{Kind, RawObject};
use crate::schema::{ATTRIBUTES, Field, Shape, find};
use crate::warning::Warning;

/// The most warnings about the names in one job.
const WARNINGS_MAX: usize = 10;

/// Returns a warning for each field of the body that the provider does not know, and for each attribute of the job's
/// own `customer` that would have an effect elsewhere.
pub(super) fn warnings(product: &Product, job: &RawObject, body: &RawObject) -> Vec<Warning> {
    let mut search = Search { product, found: Vec::new() };
    search.look(body, product.fields, "", product.field);
    let mut found = search.found;
    for name in job.object("customer").unwrap_or_default().names() {
        if let Some(meant) = meant_attribute(product, name) {
            let what =
                format!("is not sent and has no effect on the priority; did you mean {meant}?");
            found.push(warning(&format!("customer.{}", shown(name)), &what));
        }
    }
    found.truncate(WARNINGS_MAX);
    found
}

struct Search<'a> {
    product: &'a Product,
    found: Vec<Warning>,
}

impl Search<'_> {
    /// Looks at an object of these fields; `place` is its path from the body on, `path` the one from the job on.
    fn look(&mut self, object: &RawObject, fields: &[Field], place: &str, path: &str) {
        for name in object.names() {
            if self.found.len() >= WARNINGS_MAX {
                return;
            }
            let path = format!("{path}.{}", shown(name));
            let inside = if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
            match find(fields, name) {
                None => {
                    let meant = self.product.nearest(fields, place_above(&inside), name);
                    self.found.push(unknown(self.product, &path, meant));
                }
                Some(Shape::Object(fields)) => {
                    if let Some(inner) = object.object(name) {
                        self.look(&inner, fields, &inside, &path);
                    }
                }
                Some(Shape::Objects(fields)) => {
                    for (index, inner) in object.objects(name).into_iter().enumerate() {
                        let path = format!("{path}[{index}]");
                        self.look(&inner, fields, &format!("{inside}[{index}]"), &path);
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
}

fn place_above(place: &str) -> &str {
    place.rsplit_once('.').map_or("", |(above, _)| above)
}

fn unknown(product: &Product, path: &str, meant: Option<String>) -> Warning {
    let Product { field, unknown, .. } = product;
    let what = match meant {
        Some(meant) => format!("{unknown}; did you mean {field}.{meant}?"),
        None => (*unknown).to_owned(),
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
fn meant_attribute(product: &Product, name: &str) -> Option<String> {
    if find(ATTRIBUTES, name).is_some() {
        return None;
    }
    let payer = &product.payer;
    let Some(Shape::Object(fields)) = find(product.fields, payer.field) else { return None };
    let is_own = product
        .nearest(ATTRIBUTES, "customer", name)
        .filter(|meant| meant.starts_with("customer.is_vip"));
    let is_payers = || {
        let nearest = product.nearest(fields, payer.field, name)?;
        let is_meant = |known: &&&str| product.of_payer(known) == nearest;
        let known = payer.meant.iter().find(is_meant)?;
        Some(format!("{}.{}", product.field, product.of_payer(known)))
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
