//! Numbers as programs, databases and people write them.

use super::trimmed;

/// Why a text is no number that can be taken as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NumberFault {
    /// It has a comma.
    #[error(
        "has a comma, which may mean decimals or thousands; write digits only, such as 350000, and a point before decimals"
    )]
    Comma,
    /// One to three digits, a point, three digits: 350 thousand for an Indonesian, 350 for a program.
    #[error(
        "has three digits after a point, which may mean thousands or decimals; write digits only, such as 350000, and a point before decimals"
    )]
    Thousands,
    /// It has an exponent that leaves digits open.
    #[error(
        "looks like a long number that a spreadsheet has shortened; format the column as text, enter the values again and save"
    )]
    Shortened,
    /// It begins with zeros that no number has.
    #[error(
        "has superfluous zeros before it; write digits only, such as 350000, and a point before decimals"
    )]
    Zeros,
    /// It is something else.
    #[error("is not a number; write digits only, such as 350000, and a point before decimals")]
    NotANumber,
}

/// Returns the number in a text, or the text of a JSON number, as the text of a JSON number: the same digits.
///
/// Taken are digits, with a point before decimals; also with an exponent (`3.5e5`), unless a spreadsheet seems to
/// have shortened a longer number by it (`3.5E+05`).
///
/// # Errors
/// [`NumberFault`] for what is none or may mean two numbers.
///
/// # Examples
/// ```
/// use antre_core::value::{NumberFault, number};
///
/// assert_eq!(number("350000.00"), Ok("350000.00".to_owned()));
/// assert_eq!(number("350.000"), Err(NumberFault::Thousands));
/// assert_eq!(number("3.5E+05"), Err(NumberFault::Shortened));
/// ```
pub fn number(text: &str) -> Result<String, NumberFault> {
    let text = trimmed(text);
    if is_shortened(text) {
        return Err(NumberFault::Shortened);
    }
    if text.contains(',') {
        return Err(NumberFault::Comma);
    }
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let exponent_digits = exponent.map(|text| text.strip_prefix(['-', '+']).unwrap_or(text));
    if exponent_digits.is_some_and(|digits| !is_digits(digits)) {
        return Err(NumberFault::NotANumber);
    }
    if is_grouped(unsigned) && exponent.is_none() {
        return Err(NumberFault::Thousands);
    }
    let (integer, decimals) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    if !is_digits(integer) || !is_digits(decimals) {
        return Err(NumberFault::NotANumber);
    }
    if integer.len() > 1 && integer.starts_with('0') {
        return Err(NumberFault::Zeros);
    }
    Ok(text.to_owned())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Tells whether the points part thousands: `350.000`, `1.350.000`.
fn is_grouped(text: &str) -> bool {
    let mut groups = text.split('.');
    let first = groups.next().unwrap_or_default();
    let mut others = groups.peekable();
    let has_others = others.peek().is_some();
    has_others
        && (1..=3).contains(&first.len())
        && is_digits(first)
        && others.all(|group| group.len() == 3 && is_digits(group))
}

/// Tells whether the text is a number as spreadsheets shorten long ones, `6.28E+12` or `6,28E+12`: with a plus sign and
/// fewer decimals than the exponent wants.
fn is_shortened(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return false };
    let Some(exponent) = exponent.strip_prefix('+').filter(|digits| is_digits(digits)) else {
        return false;
    };
    let (integer, decimals) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let integer = integer.strip_prefix('-').unwrap_or(integer);
    let is_number = is_digits(integer) && (decimals.is_empty() || is_digits(decimals));
    is_number && decimals.len() < exponent.parse().unwrap_or(usize::MAX)
}
