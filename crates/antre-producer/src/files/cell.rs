//! Cells: from a spreadsheet's text to a JSON value, without guessing.

use serde_json::{Value, value::RawValue};

use super::column::Kind;

const SPOILED: &str = "looks like a long number that a spreadsheet has shortened; format the column as \
     text, enter the values again and save";

/// Returns the cell's value as JSON text, or what is wrong with it in words that follow the field's name.
/// The text has no blanks around it and is not empty.
pub(super) fn to_json(kind: Kind, text: &str) -> Result<String, String> {
    match kind {
        Kind::Number => number(text),
        Kind::Boolean => boolean(text),
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

fn boolean(text: &str) -> Result<String, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok("true".to_owned()),
        "false" | "0" => Ok("false".to_owned()),
        _ => Err("must be true or false".to_owned()),
    }
}

/// Returns the number digit by digit.
fn number(text: &str) -> Result<String, String> {
    const RULE: &str = "write digits only, such as 350000, and a point before decimals";
    if is_spoiled(text) {
        return Err(SPOILED.to_owned());
    }
    if text.contains(',') {
        return Err(format!("has a comma, which may mean decimals or thousands; {RULE}"));
    }
    let (integer, fraction) = match text.split_once('.') {
        Some((integer, fraction)) => (integer, Some(fraction)),
        None => (text, None),
    };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = integer.strip_prefix('-').unwrap_or(integer);
    if !is_digits(unsigned)
        || fraction.is_some_and(|fraction| !is_digits(&fraction.replace('.', "")))
    {
        return Err(format!("is not a number; {RULE}"));
    }
    // `350.000` is 350 thousand for an Indonesian spreadsheet and 350 for everybody else.
    if fraction.is_some_and(|fraction| fraction.split('.').all(|group| group.len() == 3)) {
        return Err(format!(
            "has three digits after a point, which may mean thousands or decimals; {RULE}"
        ));
    }
    if fraction.is_some_and(|fraction| fraction.contains('.')) {
        return Err(format!("is not a number; {RULE}"));
    }
    if unsigned.len() > 1 && unsigned.starts_with('0') {
        return Err(format!("has superfluous zeros before it; {RULE}"));
    }
    Ok(text.to_owned())
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
