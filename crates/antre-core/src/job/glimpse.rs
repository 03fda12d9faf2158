//! A glimpse of an entry that is no job: enough to find it again, and to count it where it belongs.

use super::encoded::base64_of;
use super::fields::object_in;
use super::{
    MAX_BATCH_CHARACTERS, MAX_EXTERNAL_ID_CHARACTERS, MAX_JOB_BYTES, MAX_REFERENCE_CHARACTERS,
};
use crate::characters::doubt;
use crate::product::Product;
use crate::raw_object::{RawObject, decode};

/// How forms and web pages write the signs around it.
const ESCAPES: [(&str, &str); 6] =
    [("&quot;", "\""), ("%22", "\""), ("%3A", ":"), ("%2F", "/"), ("%5B", "["), ("%5D", "]")];
/// How many characters may stand between the name and the value: `"external_id" : "`, `";s:11:"`, `&quot;`.
const GAP_CHARACTERS_MAX: usize = 12;

/// The parts of a refused job that can be read and are right by themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glimpse {
    /// The bill's name.
    pub external_id: Option<String>,
    /// The group whose progress counts the job.
    pub batch: Option<String>,
    /// The caller's own name for the job.
    pub reference: Option<String>,
}

impl Product {
    /// Returns what can be read of a job for this product that was refused. Never panics.
    pub fn glimpse(&self, raw: &[u8]) -> Glimpse {
        let raw = raw.get(..MAX_JOB_BYTES).unwrap_or(raw);
        let names = &self.external_id_names;
        let Ok((_, job)) = object_in(raw) else {
            return Glimpse { external_id: searched(raw, names), ..Glimpse::default() };
        };
        // A body that is a text was encoded twice.
        let inside = || job.text(self.field).and_then(|text| searched(text.as_bytes(), names));
        let body = job.object(self.field).unwrap_or_default();
        let is_name = |text: &String| doubt(text).is_none() && text.trim() == text;
        let named = |object: &RawObject| {
            let text = |name: &&str| object.get(name).and_then(decode);
            names.iter().find_map(text)
        };
        let within = |most: usize| move |text: &String| (1..=most).contains(&text.chars().count());
        let is_batch = |text: &String| {
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
        };
        let reference = job.text("reference").filter(is_name);
        Glimpse {
            external_id: named(&body)
                .or_else(|| named(&job))
                .or_else(inside)
                .filter(is_name)
                .filter(within(MAX_EXTERNAL_ID_CHARACTERS)),
            batch: job.text("batch").filter(is_batch).filter(within(MAX_BATCH_CHARACTERS)),
            reference: reference.filter(within(MAX_REFERENCE_CHARACTERS)),
        }
    }
}

/// Returns the value behind the first of the names in what may be a text of any form, also in base64 and UTF-16.
fn searched(raw: &[u8], names: &[&str]) -> Option<String> {
    let decoded = base64_of(raw);
    let bytes = decoded.as_deref().unwrap_or(raw);
    let value = counted(bytes, names).or_else(|| written(bytes, names))?;
    let is_name = (1..=MAX_EXTERNAL_ID_CHARACTERS).contains(&value.chars().count())
        && doubt(&value).is_none()
        && value.trim() == value;
    is_name.then_some(value)
}

/// Returns the value in a format that writes a text's length before it: `MessagePack`, CBOR, pickle.
fn counted(bytes: &[u8], names: &[&str]) -> Option<String> {
    let name = names.first()?;
    let place = bytes.windows(name.len()).position(|part| part == name.as_bytes())?;
    let behind = bytes.get(place + name.len()..)?;
    // Pickle remembers the name first.
    let behind = behind.strip_prefix(b"\x94").unwrap_or(behind);
    let (length, text) = match behind {
        [first @ 0xA1..=0xBF, text @ ..] => (first & 0x1F, text),
        [first @ 0x61..=0x77, text @ ..] => (first - 0x60, text),
        [0xD9 | 0x78 | 0x8C, length, text @ ..] => (*length, text),
        _ => return None,
    };
    let text = text.get(..usize::from(length))?;
    std::str::from_utf8(text).ok().map(str::to_owned)
}

/// Returns the value in a format that is read as text.
fn written(bytes: &[u8], names: &[&str]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes).replace('\0', "");
    let plain = ESCAPES.iter().fold(text, |text, (code, sign)| text.replace(code, sign));
    let (_, behind) = names.iter().find_map(|name| plain.split_once(name))?;
    // The quote that ends the name.
    let behind = behind.trim_start_matches('\\');
    let behind = behind.strip_prefix(['"', '\'']).unwrap_or(behind);
    let gap: String = behind.chars().take(GAP_CHARACTERS_MAX).collect();
    let quote = gap.char_indices().find(|(_, one)| matches!(one, '"' | '\''));
    match quote {
        Some((start, quote)) if is_gap(gap.get(..start)?) => {
            quoted(behind.get(start + quote.len_utf8()..)?, quote)
        }
        _ => bare(behind),
    }
}

/// Tells whether only signs stand there, or the length that PHP writes: `";s:5:"`.
fn is_gap(text: &str) -> bool {
    let text = text.replace(";s:", "");
    text.chars().all(|character| character.is_ascii_digit() || !character.is_alphanumeric())
}

/// Returns a text up to its quote. Slashes may be escaped, also more than once.
fn quoted(text: &str, quote: char) -> Option<String> {
    let mut value = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == quote {
            return Some(value);
        }
        if character != '\\' {
            value.push(character);
            continue;
        }
        while characters.next_if_eq(&'\\').is_some() {}
        match characters.next()? {
            '/' => value.push('/'),
            other if other == quote => return Some(value),
            _ => return None,
        }
    }
    None
}

/// Returns a name without quotes, as YAML, forms and XML have it.
fn bare(text: &str) -> Option<String> {
    let behind = text.trim_start_matches([']', ':', '=', '>', ' ', '\t']);
    // What follows at once may be a length of another format.
    let text = Some(behind).filter(|behind| behind.len() < text.len())?;
    let is_part = |one: &char| one.is_ascii_alphanumeric() || "-_./:+".contains(*one);
    let value: String = text.chars().take_while(is_part).collect();
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests;
