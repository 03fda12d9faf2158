//! The types that Xendit documents for the fields of a create request. A text is no number, a number no text.

use serde_json::{Map, Value};

/// What a field must be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// A text of so many characters.
    Text {
        min: usize,
        max: usize,
    },
    /// One of these texts.
    OneOf(&'static [&'static str]),
    Boolean,
    Number(Numbers),
    Texts,
    Object,
    /// At most so many elements.
    List(usize),
}

/// Which numbers a field may hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Numbers {
    Any,
    /// Above 0.
    Positive,
    /// From 0 to this one.
    UpTo(f64),
    /// Whole numbers from 1 to this one. 86400.0 is one, too.
    Seconds(i64),
}

const NUMBER: Kind = Kind::Number(Numbers::Any);
/// A text that is not documented further.
const TEXT: Kind = Kind::Text { min: 0, max: 10_000 };
const URL: Kind = Kind::Text { min: 1, max: 255 };
const DURATION_MAX_S: i64 = 31_536_000;
/// Fields that must be there, in each element of a list.
const REQUIRED: [&str; 7] = [
    "external_id",
    "amount",
    "items[].name",
    "items[].quantity",
    "items[].price",
    "fees[].type",
    "fees[].value",
];
const FIELDS: [(&str, Kind); 44] = [
    ("external_id", Kind::Text { min: 1, max: 255 }),
    ("amount", Kind::Number(Numbers::Positive)),
    ("invoice_duration", Kind::Number(Numbers::Seconds(DURATION_MAX_S))),
    ("description", Kind::Text { min: 1, max: 10_000 }),
    ("payer_email", TEXT),
    ("locale", TEXT),
    ("mid_label", TEXT),
    ("success_redirect_url", URL),
    ("failure_redirect_url", URL),
    ("reminder_time", NUMBER),
    ("reminder_time_unit", Kind::OneOf(&["days", "hours"])),
    ("payment_methods", Kind::Texts),
    ("should_send_email", Kind::Boolean),
    ("should_exclude_credit_card", Kind::Boolean),
    ("should_authenticate_credit_card", Kind::Boolean),
    ("fixed_va", Kind::Boolean),
    ("channel_properties", Kind::Object),
    ("customer", Kind::Object),
    ("customer.id", TEXT),
    ("customer.customer_id", TEXT),
    ("customer.given_names", TEXT),
    ("customer.surname", TEXT),
    ("customer.email", TEXT),
    ("customer.mobile_number", TEXT),
    ("customer.phone_number", TEXT),
    ("customer.addresses", Kind::List(usize::MAX)),
    ("customer.addresses[].country", TEXT),
    ("customer.addresses[].street_line1", TEXT),
    ("customer.addresses[].street_line2", TEXT),
    ("customer.addresses[].city", TEXT),
    ("customer.addresses[].province", TEXT),
    ("customer.addresses[].state", TEXT),
    ("customer.addresses[].postal_code", TEXT),
    ("items", Kind::List(75)),
    ("items[].name", Kind::Text { min: 1, max: 256 }),
    ("items[].quantity", Kind::Number(Numbers::UpTo(510_000.0))),
    ("items[].price", NUMBER),
    ("items[].category", TEXT),
    ("items[].url", TEXT),
    ("items[].reference_id", TEXT),
    ("fees", Kind::List(10)),
    ("fees[].type", TEXT),
    ("fees[].value", NUMBER),
    ("metadata", Kind::Object),
];

impl Kind {
    /// Returns what is wrong with a value.
    fn fault(self, value: &Value) -> Option<String> {
        let (is_right, must) = match self {
            Self::Text { min, max } => {
                let Some(text) = value.as_str() else { return Some("must be a string".to_owned()) };
                let is_right = (min..=max).contains(&text.chars().count());
                (is_right, format!("must have {min} to {max} characters"))
            }
            Self::OneOf(words) => {
                let is_right = value.as_str().is_some_and(|text| words.contains(&text));
                (is_right, format!("must be one of [{}]", words.join(", ")))
            }
            Self::Boolean => (value.is_boolean(), "must be a boolean".to_owned()),
            Self::Texts => {
                let texts = value.as_array();
                let is_right = texts.is_some_and(|texts| texts.iter().all(Value::is_string));
                (is_right, "must be an array of strings".to_owned())
            }
            Self::Object => (value.is_object(), "must be an object".to_owned()),
            Self::List(max) => {
                let is_right = value.as_array().is_some_and(|list| list.len() <= max);
                (is_right, format!("must be an array of at most {max} elements"))
            }
            Self::Number(numbers) => return numbers.fault(value),
        };
        (!is_right).then_some(must)
    }
}

impl Numbers {
    fn fault(self, value: &Value) -> Option<String> {
        let number = value.as_f64();
        let (is_right, must) = match self {
            Self::Seconds(max) => match seconds(value) {
                None => (false, "must be an integer".to_owned()),
                Some(seconds) => {
                    ((1..=max).contains(&seconds), format!("must be a number from 1 to {max}"))
                }
            },
            Self::Any | Self::Positive | Self::UpTo(_) if number.is_none() => {
                (false, "must be a number".to_owned())
            }
            Self::Any => (true, String::new()),
            Self::Positive => (number > Some(0.0), "must be greater than 0".to_owned()),
            Self::UpTo(max) => {
                let is_within = number.is_some_and(|number| (0.0..=max).contains(&number));
                (is_within, format!("must be a number from 0 to {max}"))
            }
        };
        (!is_right).then_some(must)
    }
}

/// Returns a whole number of seconds.
pub(super) fn seconds(value: &Value) -> Option<i64> {
    let whole = |number: f64| (number.fract() == 0.0).then(|| format!("{number:.0}"));
    value.as_i64().or_else(|| value.as_f64().and_then(whole)?.parse().ok())
}

/// Returns what the field with this path must be, where `[]` stands behind the name of a list.
pub(super) fn kind(path: &str) -> Option<Kind> {
    FIELDS.iter().find(|(name, _)| *name == path).map(|(_, kind)| *kind)
}

/// Returns the path of each field at fault, and what is wrong with it.
pub(super) fn faults(fields: &Map<String, Value>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (path, kind) in FIELDS {
        for (place, value) in places(fields, path, "") {
            let missing = || REQUIRED.contains(&path).then(|| "is required".to_owned());
            if let Some(fault) = value.map_or_else(missing, |value| kind.fault(value)) {
                found.push((place, fault));
            }
        }
    }
    found
}

/// Returns where the fields with this path stand, in each element of a list. A null counts as left out, and so
/// does all that lies below what has a wrong type.
fn places<'a>(
    fields: &'a Map<String, Value>,
    path: &str,
    above: &str,
) -> Vec<(String, Option<&'a Value>)> {
    let value_of = |name: &str| fields.get(name).filter(|value| !value.is_null());
    let Some((first, rest)) = path.split_once('.') else {
        return vec![(format!("{above}{path}"), value_of(path))];
    };
    let Some(list) = first.strip_suffix("[]") else {
        let below = value_of(first).and_then(Value::as_object);
        return below
            .map_or_else(Vec::new, |below| places(below, rest, &format!("{above}{first}.")));
    };
    let elements = value_of(list).and_then(Value::as_array).into_iter().flatten().enumerate();
    elements
        .flat_map(|(number, element)| match element.as_object() {
            Some(element) => places(element, rest, &format!("{above}{list}[{number}].")),
            None => vec![(format!("{above}{list}[{number}].{rest}"), None)],
        })
        .collect()
}

#[cfg(test)]
mod tests;
