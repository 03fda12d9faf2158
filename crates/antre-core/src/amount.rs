//! An amount of money as canonical decimal text, so that two spellings of one amount are equal.
//!
//! Nothing is ever computed with it and it never passes through a floating-point number.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// The most digits an amount may have, before and after the decimal point together.
///
/// Every such number survives a double-precision float, which other readers of the JSON may use.
pub const MAX_DIGITS: usize = 15;

/// A positive decimal number: no sign, no exponent, no superfluous zeros, at most 15 digits.
///
/// # Examples
/// ```
/// use antre_core::amount::Amount;
///
/// let amount = Amount::parse("3.500e5")?;
/// assert_eq!(amount, Amount::parse("350000.0")?);
/// assert_eq!(amount.as_str(), "350000");
/// # Ok::<(), antre_core::amount::AmountError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Amount(String);

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AmountError {
    /// The text is not a JSON number.
    #[error("is not a JSON number; write digits without quotes, for example 350000")]
    NotANumber,
    /// The number is zero or negative.
    #[error("must be greater than 0")]
    NotPositive,
    /// Written out, the number needs more than [`MAX_DIGITS`] digits.
    #[error("must have at most 15 digits, before and after the decimal point together")]
    TooManyDigits,
}

impl Amount {
    /// Returns the amount that a JSON number's text stands for; `350000`, `350000.0` and `3.5e5` are one.
    ///
    /// # Errors
    /// Each variant.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        let number = JsonNumber::split(text).ok_or(AmountError::NotANumber)?;
        let digits = format!("{}{}", number.integer, number.fraction);
        let significant = digits.trim_start_matches('0').trim_end_matches('0');
        if significant.is_empty() || number.is_negative {
            return Err(AmountError::NotPositive);
        }
        if significant.len() > MAX_DIGITS {
            return Err(AmountError::TooManyDigits);
        }
        // Where the decimal point stands, counted in digits from the first significant one.
        let leading_zeros = digits.len() - digits.trim_start_matches('0').len();
        let point = signed(number.integer.len())? - signed(leading_zeros)?;
        point
            .checked_add(number.exponent)
            .and_then(|point| write_out(significant, point))
            .map(Self)
            .ok_or(AmountError::TooManyDigits)
    }

    /// Returns the amount with its decimals cut off; nothing when nothing is left.
    #[must_use]
    pub fn without_decimals(&self) -> Option<Self> {
        match self.0.split_once('.') {
            None => Some(self.clone()),
            Some(("0", _)) => None,
            Some((integer, _)) => Some(Self(integer.to_owned())),
        }
    }

    /// Returns the canonical text, which is also a JSON number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns a number of too many digits rounded to [`MAX_DIGITS`], if only its decimals are too many. Java writes large
/// floats with an exponent (`3.8850000000000006E8`).
///
/// # Examples
/// ```
/// use antre_core::amount::rounded;
///
/// assert_eq!(rounded("388500.00000000006").as_deref(), Some("388500.000000000"));
/// assert_eq!(rounded("1234567890123456"), None);
/// ```
pub fn rounded(text: &str) -> Option<String> {
    let number = JsonNumber::split(text)?;
    let digits = format!("{}{}", number.integer, number.fraction);
    let point = i64::try_from(number.integer.len()).ok()?.checked_add(number.exponent)?;
    let zeros_in_front = usize::try_from(point.checked_neg()?).unwrap_or(0).min(MAX_DIGITS);
    let point = usize::try_from(point).unwrap_or(0);
    let (integer, fraction) = digits.split_at_checked(point)?;
    let fraction = format!("{:0>zeros_in_front$}{fraction}", "");
    let integer = integer.trim_start_matches('0');
    let decimals = MAX_DIGITS.checked_sub(integer.len())?;
    let (kept, beyond) = fraction.split_at_checked(decimals)?;
    let mut digits: u64 = format!("{integer}{kept}").parse().ok()?;
    digits += u64::from(beyond.starts_with(['5', '6', '7', '8', '9']));
    let digits = format!("{digits:0>width$}", width = decimals + 1);
    let (integer, fraction) = digits.split_at_checked(digits.len() - decimals)?;
    Some(if fraction.is_empty() { integer.to_owned() } else { format!("{integer}.{fraction}") })
}

/// The parts of a JSON number's text.
struct JsonNumber<'a> {
    is_negative: bool,
    integer: &'a str,
    fraction: &'a str,
    exponent: i64,
}

impl<'a> JsonNumber<'a> {
    /// Returns the parts, or nothing if the text does not follow JSON's grammar (RFC 8259, section 6).
    fn split(text: &'a str) -> Option<Self> {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (text, 0),
        };
        let (integer, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        let is_integer = integer == "0" || (is_digits(integer) && !integer.starts_with('0'));
        (is_integer && (fraction.is_empty() || is_digits(fraction))).then_some(Self {
            is_negative,
            integer,
            fraction,
            exponent,
        })
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the exponent; one beyond `i64` becomes the largest of its sign, which no amount can use.
fn parse_exponent(text: &str) -> Option<i64> {
    let (is_negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.strip_prefix('-')?),
        b'+' => (false, text.strip_prefix('+')?),
        _ => (false, text),
    };
    if !is_digits(digits) {
        return None;
    }
    let size = digits.parse::<i64>().unwrap_or(i64::MAX);
    Some(if is_negative { -size } else { size })
}

fn signed(length: usize) -> Result<i64, AmountError> {
    i64::try_from(length).map_err(|_| AmountError::TooManyDigits)
}

/// Returns the number without exponent, or nothing if it needs more than [`MAX_DIGITS`] digits.
fn write_out(significant: &str, point: i64) -> Option<String> {
    let length = significant.len();
    let zeros_in_front = usize::try_from(point.checked_neg()?).unwrap_or(0);
    let integer_digits = usize::try_from(point).unwrap_or(0);
    if integer_digits.max(length.checked_add(zeros_in_front)?) > MAX_DIGITS {
        return None;
    }
    if integer_digits >= length {
        return Some(format!("{significant:0<integer_digits$}"));
    }
    let (integer, fraction) = significant.split_at_checked(integer_digits)?;
    let integer = if integer.is_empty() { "0" } else { integer };
    Some(format!("{integer}.{:0>zeros_in_front$}{fraction}", ""))
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::str::FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// Writes the JSON number itself; works with `serde_json` only.
impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = RawValue::from_string(self.0.clone()).map_err(serde::ser::Error::custom)?;
        number.serialize(serializer)
    }
}

/// Reads the JSON number's own text, so no digit is lost; works with `serde_json` only.
impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Box::<RawValue>::deserialize(deserializer)?;
        Self::parse(number.get()).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests;
