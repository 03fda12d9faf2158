//! From bytes to an object, and from its fields to typed values.

use serde::de::IgnoredAny;

use super::fault::{Fault, FaultCode, Faults, InvalidJob, shown};
use super::{MAX_DEPTH, MAX_JOB_BYTES, encoded, mistaken, tidied};
use crate::characters::doubt;
use crate::product::Product;
use crate::raw_object::{Kind, RawObject, decode};
use crate::value;

/// Returns the JSON text in the bytes, and the object that it is.
pub(crate) fn object_in(raw: &[u8]) -> Result<(&str, RawObject), InvalidJob> {
    let text = text_in(raw)?;
    if is_too_deep(text) {
        let what = format!("is nested too deep; at most {MAX_DEPTH} levels are taken");
        return Err(Fault::of_job(FaultCode::TooDeep, what).into());
    }
    if text.trim_start().starts_with('{') {
        let object = RawObject::parse(text).map_err(|error| not_json(text, &error))?;
        return Ok((text, object));
    }
    let fault = match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => not_an_object(text),
        Err(error) => not_json(text, &error),
    };
    Err(fault.into())
}

fn text_in(raw: &[u8]) -> Result<&str, Fault> {
    if raw.len() > MAX_JOB_BYTES {
        let what =
            format!("is larger than {MAX_JOB_BYTES} bytes; send the invoice without attachments");
        return Err(Fault::of_job(FaultCode::TooLarge, what));
    }
    if let Some(fault) = encoded::fault(raw) {
        return Err(fault);
    }
    if encoded::is_utf16(raw) {
        return Err(Fault::of_job(FaultCode::NotUtf8, "looks like UTF-16 or UTF-32; send UTF-8"));
    }
    let text = std::str::from_utf8(raw).map_err(|error| {
        let hint = encoded::hint(raw);
        let place = error.valid_up_to() + 1;
        let what = format!("is not UTF-8 from byte {place} on; {hint}send UTF-8");
        Fault::of_job(FaultCode::NotUtf8, what)
    })?;
    if text.starts_with('\u{FEFF}') {
        let what = "begins with a byte order mark; send UTF-8 without one";
        return Err(Fault::of_job(FaultCode::NotJson, what));
    }
    if let Some(place) = text.find('\0') {
        let what = format!("holds a NUL byte at byte {}; remove it", place + 1);
        return Err(Fault::of_job(FaultCode::NotJson, what));
    }
    if text.trim().is_empty() {
        return Err(Fault::of_job(FaultCode::NotJson, "is empty; send a JSON object"));
    }
    Ok(text)
}

/// Tells whether arrays and objects are nested too deep; what is not JSON may be judged wrongly.
fn is_too_deep(text: &str) -> bool {
    let (mut depth, mut is_in_text, mut is_escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        if is_in_text {
            is_in_text = is_escaped || byte != b'"';
            is_escaped = !is_escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => is_in_text = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
}

/// serde's message for a syntax error holds the place and never a value.
fn not_json(text: &str, error: &serde_json::Error) -> Fault {
    let hint = mistaken::hint(text);
    Fault::of_job(FaultCode::NotJson, format!("is not valid JSON: {error}{hint}"))
}

fn not_an_object(text: &str) -> Fault {
    let kind = Kind::of(text);
    let hint = match kind {
        Kind::Text => "; it seems to be encoded as JSON twice",
        Kind::Array => "; send one job per entry",
        Kind::Object | Kind::Number | Kind::Boolean | Kind::Null => "",
    };
    let what = format!("must be a JSON object, not {kind}{hint}");
    Fault::of_job(FaultCode::NotAnObject, what)
}

/// Tells whether a JSON text is a text in which nothing can be seen.
pub(super) fn is_blank_text(raw: &str) -> bool {
    Kind::of(raw) == Kind::Text && decode(raw).is_some_and(|text| value::trimmed(&text).is_empty())
}

/// The fields of one object, read one by one; whatever is wrong is added to the faults.
///
/// `null` counts as absent, and so does an empty text, as an empty cell of a file does.
#[derive(Debug)]
pub struct Fields<'a> {
    object: &'a RawObject,
    /// Stands before every name: empty, or the object's own path with a dot.
    prefix: &'static str,
    faults: &'a mut Faults,
}

impl<'a> Fields<'a> {
    /// Returns the fields of the object; `prefix` stands before every name in messages.
    pub const fn new(object: &'a RawObject, prefix: &'static str, faults: &'a mut Faults) -> Self {
        Self { object, prefix, faults }
    }

    /// Returns the fields of an object inside this one.
    pub const fn inside<'b>(
        &'b mut self,
        object: &'b RawObject,
        prefix: &'static str,
    ) -> Fields<'b> {
        Fields { object, prefix, faults: self.faults }
    }

    /// Adds a fault of this field; `what` continues a sentence that begins with its path.
    pub fn fault(&mut self, code: FaultCode, name: &str, what: impl std::fmt::Display) {
        self.faults.push(Fault::of(code, &format!("{}{}", self.prefix, shown(name)), what));
    }

    /// Returns the JSON text of a field that is there.
    pub fn raw(&self, name: &str) -> Option<&'a str> {
        let is_there = |raw: &&str| Kind::of(raw) != Kind::Null && !is_blank_text(raw);
        self.object.get(name).filter(is_there)
    }

    /// Returns the JSON text of a field if it is of the kind; `wanted` says what to write.
    pub fn of_kind(&mut self, name: &str, kind: Kind, wanted: &str) -> Option<&'a str> {
        let raw = self.raw(name)?;
        let present = Kind::of(raw);
        if present != kind {
            let is_json = decode(raw).is_some_and(|text| text.trim_start().starts_with(['{', '[']));
            let hint = if is_json { "; it seems to be encoded as JSON twice" } else { "" };
            self.fault(
                FaultCode::WrongType,
                name,
                format!("must be {wanted}, not {present}{hint}"),
            );
        }
        (present == kind).then_some(raw)
    }

    /// Returns a text for which the rule holds; `rule` continues "must be".
    pub fn text(&mut self, name: &str, holds: impl Fn(&str) -> bool, rule: &str) -> Option<String> {
        let raw = self.of_kind(name, Kind::Text, "a text in quotes")?;
        let Some(text) = decode(raw) else {
            let what = "holds an escape sequence that is no character (half of a surrogate pair)";
            self.fault(FaultCode::InvalidValue, name, what);
            return None;
        };
        if !holds(&text) {
            self.fault(FaultCode::InvalidValue, name, format!("must be {rule}"));
        }
        Some(text)
    }

    /// Adds a fault if the text is empty or longer than `most` characters.
    pub fn check_length(&mut self, name: &str, text: Option<&str>, most: usize) {
        let characters = text.map_or(1, |text| text.chars().count());
        if !(1..=most).contains(&characters) {
            let what = format!("must have 1 to {most} characters; it has {characters}");
            self.fault(FaultCode::OutOfRange, name, what);
        }
    }

    /// Returns a truth value, also one that is written as text or number.
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        let raw = self.raw(name)?;
        let is_true = match Kind::of(raw) {
            Kind::Boolean => return Some(raw.trim() == "true"),
            Kind::Text => value::boolean(&decode(raw)?),
            Kind::Number => value::boolean(raw),
            kind @ (Kind::Object | Kind::Array | Kind::Null) => {
                self.fault(
                    FaultCode::WrongType,
                    name,
                    format!("must be true or false, not {kind}"),
                );
                return None;
            }
        };
        is_true.map_err(|fault| self.fault(FaultCode::InvalidValue, name, fault)).ok()
    }

    /// Returns the text of a number, also of one that is written as text; `wanted` continues "must be".
    pub fn number(&mut self, name: &str, wanted: &str) -> Option<String> {
        let raw = self.raw(name)?;
        let text = match Kind::of(raw) {
            Kind::Number => raw.to_owned(),
            Kind::Text => decode(raw)?,
            kind @ (Kind::Object | Kind::Array | Kind::Boolean | Kind::Null) => {
                self.fault(FaultCode::WrongType, name, format!("must be {wanted}, not {kind}"));
                return None;
            }
        };
        value::number(&text).map_err(|fault| self.fault(FaultCode::InvalidValue, name, fault)).ok()
    }

    /// Returns an object, without a fault if the field is something else.
    pub fn inner(&self, name: &str) -> Option<RawObject> {
        self.object.object(name)
    }

    /// Returns an object; PHP's empty array is an empty one.
    pub fn object(&mut self, name: &str) -> Option<RawObject> {
        if self.raw(name).is_some_and(tidied::is_empty_list) {
            return Some(RawObject::default());
        }
        let raw = self.of_kind(name, Kind::Object, "an object")?;
        RawObject::parse(raw).ok()
    }

    /// Returns a name that is no other one's on any screen.
    pub fn identity(&mut self, name: &str) -> Option<String> {
        let text = self.text(name, |_| true, "")?;
        let rule = "must be a text without control characters and without blanks at its ends";
        if self.check_characters(name, Some(&text))
            && (text.trim() != text || text.contains(char::is_control))
        {
            self.fault(FaultCode::InvalidValue, name, rule);
        }
        Some(text)
    }

    /// Adds a fault if the text could be taken for another one.
    pub fn check_characters(&mut self, name: &str, text: Option<&str>) -> bool {
        let doubt = text.and_then(doubt);
        if let Some(doubt) = doubt {
            self.fault(FaultCode::InvalidValue, name, doubt);
        }
        doubt.is_none()
    }

    /// Adds the fault of a field of the body itself that is missing, with the name that may have been meant for it.
    pub fn missing(&mut self, product: &Product, name: &str, what: &str) {
        let is_meant =
            |other: &&str| product.nearest(product.fields, "", other).as_deref() == Some(name);
        let is_known = |other: &&str| product.fields.iter().any(|field| field.name == *other);
        let near = self.object.names().find(|other| !is_known(other) && is_meant(other));
        let hint = near
            .map(|near| format!("; did you mean it by {}? Write {name}", shown(near)))
            .unwrap_or_default();
        self.fault(FaultCode::MissingField, name, format!("is missing{hint}; {what}"));
    }
}
