//! Names that occur twice in one object, at any depth of a job.
//!
//! Readers of JSON disagree about them: some take the first value, some the last. An address that
//! Antre compares would not be the one that the provider writes to, so such a job is refused.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::MAX_DEPTH;
use super::fault::{Fault, FaultCode, Faults, shown};
use crate::raw_object::{Kind, decode};

/// The most parts of a path that a message repeats.
const MAX_SHOWN_PARTS: usize = 6;

/// Adds a fault for each name that occurs again in its object; `text` is one JSON value.
///
/// Goes no deeper than [`MAX_DEPTH`], which was checked before.
pub(super) fn refuse(text: &str, faults: &mut Faults) {
    Search { path: Vec::new(), faults }.value(text);
}

/// Where the search is, and what it has found.
struct Search<'a> {
    path: Vec<String>,
    faults: &'a mut Faults,
}

impl Search<'_> {
    fn value(&mut self, raw: &str) {
        if self.path.len() >= MAX_DEPTH || self.faults.has_more() {
            return;
        }
        // What cannot be read here is told by those who read the field.
        match Kind::of(raw) {
            Kind::Object => self.object(&serde_json::from_str(raw).unwrap_or_default()),
            Kind::Array => self.array(&serde_json::from_str::<Vec<_>>(raw).unwrap_or_default()),
            Kind::Text | Kind::Number | Kind::Boolean | Kind::Null => {}
        }
    }

    fn object(&mut self, Members(members): &Members<'_>) {
        let mut seen = HashSet::new();
        for (name, value) in members {
            // `"a"` and `"\u0061"` are one name; half of a surrogate pair is none and stays as it is.
            let name = decode(name.get()).unwrap_or_else(|| name.get().to_owned());
            let part = shown(&name);
            if !seen.insert(name) {
                self.fault(&part);
            }
            self.inside(part, value);
        }
    }

    fn array(&mut self, items: &[&RawValue]) {
        for (index, item) in items.iter().enumerate() {
            self.inside(format!("[{index}]"), item);
        }
    }

    fn inside(&mut self, part: String, value: &RawValue) {
        self.path.push(part);
        self.value(value.get());
        self.path.pop();
    }

    fn fault(&mut self, name: &str) {
        let what = "is there more than once; send it once";
        self.faults.push(Fault::of(FaultCode::DuplicateField, &self.path_to(name), what));
    }

    /// Returns for example `invoice.items[2].name`; the middle of a long path is left out.
    fn path_to(&self, name: &str) -> String {
        let parts: Vec<&str> = self.path.iter().map(String::as_str).chain([name]).collect();
        let half = MAX_SHOWN_PARTS / 2;
        if parts.len() <= MAX_SHOWN_PARTS {
            return joined(&parts);
        }
        let (first, last) = (parts.iter().take(half), parts.iter().skip(parts.len() - half));
        joined(&first.chain([&"…"]).chain(last).copied().collect::<Vec<_>>())
    }
}

fn joined(parts: &[&str]) -> String {
    let mut path = String::new();
    for part in parts {
        if !path.is_empty() && !part.starts_with('[') {
            path.push('.');
        }
        path.push_str(part);
    }
    path
}

/// An object's names and values as their own texts, in their order.
#[derive(Default)]
struct Members<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Vec<(&'de RawValue, &'de RawValue)>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Reader).map(Self)
    }
}
