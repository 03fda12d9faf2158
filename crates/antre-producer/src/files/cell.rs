//! Cells: from a spreadsheet's text to a JSON value, without guessing.

use antre_protocol::value;
use serde_json::{Value, value::RawValue};

use super::column::Kind;

const SPOILED: &str = "looks like a long number that a spreadsheet has shortened; format the column as \
     text, enter the values again and save";

/// Returns the cell's value as JSON text, or what is wrong with it in words that follow the field's name.
/// The text has no blanks around it and is not empty.
pub(super) fn to_json(kind: Kind, text: &str) -> Result<String, String> {
    match kind {
        Kind::Number => value::number(text).map_err(|fault| fault.to_string()),
        Kind::Boolean => value::boolean(text)
            .map(|is_true| is_true.to_string())
            .map_err(|fault| fault.to_string()),
        Kind::List if !text.starts_with('[') => {
            Err(r#"must be a JSON list such as ["whatsapp","email"]"#.to_owned())
        }
        Kind::List => json(text),
        Kind::Free if text.starts_with(['[', '{']) => json(text),
        Kind::Text | Kind::Free => plain(text),
    }
}

fn plain(text: &str) -> Result<String, String> {
    if is_spoiled(text) {
        return Err(SPOILED.to_owned());
    }
    Ok(Value::from(text).to_string())
}

fn json(text: &str) -> Result<String, String> {
    let raw: &RawValue = serde_json::from_str(text)
        .map_err(|error| format!("begins like JSON but is not valid: {error}"))?;
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
