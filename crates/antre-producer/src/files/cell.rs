//! Cells: from a spreadsheet's text to a JSON value, without guessing.

mod identity;
mod tricks;

use antre_core::value;
use antre_xendit::body::phone::{PhoneError, without_float};
use serde_json::{Value, value::RawValue};

pub(super) use self::identity::{CUT, LongNumbers, is_no_bill};
use super::column::Kind;

const SPOILED: &str = "looks like a long number that a spreadsheet has shortened; format the column as \
     text, enter the values again and save";
const MARK: &str = "holds a quotation mark or a line break, which has no place in it; write one value, and \
     see whether a quotation mark is missing in the row";
const COMPUTED: &str = "has decimals, as if a program had computed with it; format the column as text, \
     enter the values again and save";
const NOTHING: &str =
    "holds a program's word for an empty cell; leave the cell empty, or write the value";
const PARTS: &str = "has parts: give each of them a column, as in customer.given_names, or write JSON that \
     begins with {";
const ENTRIES: &str = "is a list: number its entries in the columns' names, as in items.0.name, or write JSON \
     that begins with [";
/// What programs write for no value, as they write it: `Null` may be a name.
const NO_VALUES: [&str; 12] = [
    "NULL",
    "null",
    "(NULL)",
    "(null)",
    "[NULL]",
    "<null>",
    "\\N",
    "<NA>",
    "NaN",
    "nan",
    "None",
    "undefined",
];

/// Tells whether the text is a program's word for an empty cell.
pub(super) fn is_no_value(text: &str) -> bool {
    NO_VALUES.contains(&text)
}

/// Returns the text without what stands around cells: blanks of every kind, byte order marks of files
/// that were put together, and the end-of-file mark of old systems.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches(|character: char| {
        character.is_whitespace() || character == '\u{FEFF}' || character == '\u{1A}'
    })
}

/// Returns the cell's value as JSON text, nothing for an empty cell, or what is wrong with it in words
/// that follow the field's name.
pub(super) fn to_json(kind: Kind, bytes: &[u8]) -> Result<Option<String>, String> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err("is not UTF-8; save the file as CSV UTF-8".to_owned());
    };
    let text = trimmed(text);
    if text.is_empty() {
        return Ok(None);
    }
    refuse_damage(text)?;
    let text = tricks::undone(kind, text)?;
    let text = trimmed(&text);
    if text.is_empty() {
        return Ok(None);
    }
    value(kind, text).map(Some)
}

/// Refuses characters that no program writes into a cell on purpose.
fn refuse_damage(text: &str) -> Result<(), String> {
    let is_damage = |character: &char| {
        *character == '\u{FFFD}' || (character.is_control() && !"\t\n\r\u{B}".contains(*character))
    };
    let what = match text.chars().find(is_damage) {
        None => return Ok(()),
        Some('\0') => "holds a NUL byte (U+0000); remove it".to_owned(),
        Some('\u{FFFD}') => {
            "holds U+FFFD, the sign of a character that was lost: some program read \
             the file in a wrong encoding; save it as CSV UTF-8 from where it came from"
                .to_owned()
        }
        Some(control @ '\u{80}'..='\u{9F}') => format!(
            "holds the control character U+{:04X}: some program took Windows-1252 for another \
             encoding; save the file as CSV UTF-8 from where it came from",
            u32::from(control)
        ),
        Some(control) => {
            format!("holds the control character U+{:04X}; remove it", u32::from(control))
        }
    };
    Err(what)
}

fn value(kind: Kind, text: &str) -> Result<String, String> {
    match kind {
        Kind::Number => value::number(text).map_err(|fault| fault.to_string()),
        Kind::Boolean => value::boolean(text)
            .map(|is_true| is_true.to_string())
            .map_err(|fault| fault.to_string()),
        Kind::List if !text.starts_with(['[', '{']) => {
            Err(r#"must be a JSON list such as ["whatsapp","email"]"#.to_owned())
        }
        Kind::Object if !text.starts_with('{') && text != "[]" => Err(PARTS.to_owned()),
        Kind::Objects if !text.starts_with('[') && text != "{}" => Err(ENTRIES.to_owned()),
        Kind::List | Kind::Object | Kind::Objects => json(text),
        Kind::Text | Kind::Free if is_no_value(text) => Err(NOTHING.to_owned()),
        Kind::Free if text.starts_with(['[', '{']) => json(text),
        Kind::Identity | Kind::Phone if text.contains(['"', '\n', '\r']) => Err(MARK.to_owned()),
        Kind::Identity => identity::refuse_spoiled(text).and_then(|()| plain(text)),
        Kind::Phone => phone(text),
        Kind::Text | Kind::Free | Kind::Mail => plain(text),
    }
}

fn plain(text: &str) -> Result<String, String> {
    if is_spoiled(text) {
        return Err(SPOILED.to_owned());
    }
    Ok(Value::from(text).to_string())
}

/// Repairs what a column of numbers did to a telephone number, or refuses it.
fn phone(text: &str) -> Result<String, String> {
    match without_float(text) {
        Ok(number) => plain(&number),
        Err(PhoneError::Decimals) => Err(COMPUTED.to_owned()),
        Err(_) => Err(SPOILED.to_owned()),
    }
}

fn json(text: &str) -> Result<String, String> {
    let raw: &RawValue = serde_json::from_str(text)
        .map_err(|error| format!("begins like JSON but is not valid: {error}"))
        .map_err(|what| what.replace(" at line 1 column ", " at column "))?;
    Ok(raw.get().to_owned())
}

/// Tells whether the text is a number as spreadsheets shorten long ones: `6.28123E+12`, also with a comma.
fn is_spoiled(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let is_number = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_digit())
            && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b',')
    };
    is_number(mantissa) && exponent.strip_prefix('+').is_some_and(is_number)
}

#[cfg(test)]
mod tests;
