//! Telephone numbers out of a column of numbers: the damage, and the part that can be undone.
//!
//! Spreadsheets, data frames and formulas make numbers of telephone numbers. What they then write has
//! the same digits in another form (`6281234567890.0`), or no longer all of them (`6.28E+12`).

use std::borrow::Cow;

use super::PhoneError;

/// People group digits by dots, but in no group as long as this: the dot after it begins decimals.
const GROUP_DIGITS_MAX: usize = 7;
/// `.0` and `.00` are no group of digits after so many others.
const SHORT_NUMBER_DIGITS: usize = 5;
/// Longer decimals may be a second number.
const DECIMALS_MAX: usize = 6;

/// Returns the number as it was before a program made a number of it: without `.0`, thousands
/// separators and an exponent that leaves no digit open. Other texts come back as they are.
///
/// # Errors
/// [`PhoneError::Shortened`] and [`PhoneError::Decimals`] when digits were lost or changed.
///
/// # Examples
/// ```
/// use antre_xendit::body::phone::{PhoneError, without_float};
///
/// assert_eq!(without_float("6281234567890.0")?, "6281234567890");
/// assert_eq!(without_float("0812.3456.7890")?, "0812.3456.7890");
/// assert_eq!(without_float("6.28123E+12"), Err(PhoneError::Shortened));
/// # Ok::<(), PhoneError>(())
/// ```
pub fn without_float(number: &str) -> Result<Cow<'_, str>, PhoneError> {
    let text = number.trim();
    if let Some(digits) = without_exponent(text) {
        return digits.map(Cow::Owned);
    }
    let whole = text.strip_prefix('+').unwrap_or(text);
    for (thousands, decimal) in [(',', '.'), ('.', ',')] {
        if let Some(digits) = without_thousands(whole, thousands, decimal) {
            return digits.map(Cow::Owned);
        }
    }
    match whole.split_once(['.', ',']) {
        Some((integer, decimals)) if are_digits(integer) && are_digits(decimals) => {
            Ok(match without_decimals(integer, decimals)? {
                Some(integer) => Cow::Owned(text.replace(whole, integer)),
                None => Cow::Borrowed(number),
            })
        }
        Some((integer, "0" | "00")) if are_grouped_digits(integer) => {
            Ok(Cow::Owned(text.replace(whole, integer)))
        }
        _ => Ok(Cow::Borrowed(number)),
    }
}

/// `+62 812-3456-7890`, to which a program may have added `.0` all the same.
fn are_grouped_digits(text: &str) -> bool {
    let is_sign = |it: char| it.is_whitespace() || "+-()".contains(it);
    text.chars().all(|it| it.is_ascii_digit() || is_sign(it))
        && text.chars().filter(char::is_ascii_digit).count() >= SHORT_NUMBER_DIGITS
}

/// Reads `6.281234567890E+12`; nothing if the text has no such form.
fn without_exponent(text: &str) -> Option<Result<String, PhoneError>> {
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let (integer, decimals) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    if !are_digits(integer)
        || !are_digits(exponent)
        || !(decimals.is_empty() || are_digits(decimals))
    {
        return None;
    }
    let places = exponent.parse().unwrap_or(usize::MAX);
    let Some((digits, beyond)) = decimals.split_at_checked(places) else {
        return Some(Err(PhoneError::Shortened));
    };
    let is_whole = beyond.bytes().all(|digit| digit == b'0');
    Some(if is_whole { Ok(format!("{integer}{digits}")) } else { Err(PhoneError::Decimals) })
}

/// Reads `6,281,234,567,890.00` with these separators; nothing if the text has no such form.
fn without_thousands(
    text: &str,
    thousands: char,
    decimal: char,
) -> Option<Result<String, PhoneError>> {
    let (whole, decimals) = match text.split_once(decimal) {
        Some((whole, decimals)) if are_digits(decimals) => (whole, decimals),
        Some(_) => return None,
        None => (text, ""),
    };
    let mut groups = whole.split(thousands);
    let first = groups.next().filter(|first| are_digits(first) && first.len() <= 3)?;
    let mut others = groups.peekable();
    others.peek()?;
    let is_number =
        !first.starts_with('0') && others.all(|group| are_digits(group) && group.len() == 3);
    // `812.345.678` may be grouped by a person; its digits are the same.
    is_number.then(|| {
        if decimals.bytes().all(|digit| digit == b'0') {
            Ok(whole.replace(thousands, ""))
        } else {
            Err(PhoneError::Decimals)
        }
    })
}

/// Returns the integer if what follows is decimals and zero; nothing if it is another group of digits.
fn without_decimals<'a>(integer: &'a str, decimals: &str) -> Result<Option<&'a str>, PhoneError> {
    let is_zero = decimals.bytes().all(|digit| digit == b'0');
    let is_long = integer.len() > GROUP_DIGITS_MAX;
    if is_zero && decimals.len() <= 2 && integer.len() >= SHORT_NUMBER_DIGITS {
        return Ok(Some(integer));
    }
    if !is_long {
        return Ok(None);
    }
    if is_zero && !integer.starts_with('0') {
        return Ok(Some(integer));
    }
    let is_noise = ["00000", "99999"].iter().any(|start| decimals.starts_with(start));
    if is_noise || decimals.len() <= DECIMALS_MAX { Err(PhoneError::Decimals) } else { Ok(None) }
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
