//! A JSON object whose values keep their own text: numbers, order and spacing as they were written.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// The fields of an object in their order, each value as the JSON text that it was.
///
/// A name may occur twice in JSON; the last one counts, as for most readers.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RawObject {
    fields: Vec<(String, Box<str>)>,
}

/// What kind of value a JSON text is, told by its first character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    Text,
    /// Digits.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`
    Null,
}

impl Kind {
    /// Returns the kind of a text that is known to be one JSON value.
    pub fn of(raw: &str) -> Self {
        match raw.trim_start().as_bytes().first() {
            Some(b'{') => Self::Object,
            Some(b'[') => Self::Array,
            Some(b'"') => Self::Text,
            Some(b't' | b'f') => Self::Boolean,
            Some(b'-' | b'0'..=b'9') => Self::Number,
            _ => Self::Null,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Null => "null",
        })
    }
}

impl RawObject {
    /// Returns the object in the text.
    ///
    /// # Errors
    /// serde's error for a text that is no JSON object.
    pub fn parse(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// Returns a field's JSON text; the last one's if there are several.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().rfind(|(field, _)| field == name).map(|(_, raw)| raw.as_ref())
    }

    /// Returns a field's value if it is a text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(decode)
    }

    /// Returns a field's value if it is an object.
    pub fn object(&self, name: &str) -> Option<Self> {
        self.get(name).and_then(|raw| Self::parse(raw).ok())
    }

    /// Puts a JSON text in the place of the field's first occurrence, else at the end.
    pub fn set(&mut self, name: &str, raw: &str) {
        let place = self.fields.iter().position(|(field, _)| field == name);
        self.remove(name);
        let field = (name.to_owned(), Box::from(raw));
        match place {
            Some(place) => self.fields.insert(place, field),
            None => self.fields.push(field),
        }
    }

    /// Removes every occurrence of the field.
    pub fn remove(&mut self, name: &str) {
        self.fields.retain(|(field, _)| field != name);
    }

    /// Returns the names in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str())
    }

    /// Returns the object as JSON text without blanks between its fields.
    pub fn to_json(&self) -> String {
        let values: usize = self.fields.iter().map(|(name, raw)| name.len() + raw.len() + 4).sum();
        let mut json = String::with_capacity(values + 2);
        json.push('{');
        for (index, (name, raw)) in self.fields.iter().enumerate() {
            if index > 0 {
                json.push(',');
            }
            json.push_str(&encode(name));
            json.push(':');
            json.push_str(raw);
        }
        json.push('}');
        json
    }
}

/// Returns the text that a JSON text stands for, or nothing if it is no text.
pub fn decode(raw: &str) -> Option<String> {
    serde_json::from_str(raw).ok()
}

/// Returns the JSON text that stands for the text.
pub fn encode(text: &str) -> String {
    Value::from(text).to_string()
}

/// Shows the names only; the values are personal.
impl fmt::Debug for RawObject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.names()).finish()
    }
}

impl<'de> Deserialize<'de> for RawObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = RawObject;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some((name, raw)) = map.next_entry::<String, Box<RawValue>>()? {
            fields.push((name, raw.into()));
        }
        Ok(RawObject { fields })
    }
}

#[cfg(test)]
mod tests;
