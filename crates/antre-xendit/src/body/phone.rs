//! Telephone numbers in the one form that Xendit's WhatsApp messages need: E.164, `+62812…`.
//!
//! This is a small table for the countries that Xendit serves, not a numbering-plan database: it
//! repairs the spellings people use and refuses what cannot be a number.

mod float;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use float::without_float;

/// The country whose national spellings (`0812…`, `812…`) are understood. Defaults to Indonesia.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Region {
    /// Indonesia, +62.
    #[default]
    Id,
    /// Malaysia, +60.
    My,
    /// The Philippines, +63.
    Ph,
    /// Thailand, +66.
    Th,
    /// Vietnam, +84.
    Vn,
    /// Singapore, +65; its numbers have no leading zero.
    Sg,
}

/// Why a text cannot be a telephone number. The text itself is personal and in no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PhoneError {
    /// The text holds something other than digits, blanks and `+ - . ( ) /`.
    #[error("holds characters that no telephone number has")]
    Character,
    /// The number has too few or too many digits for its country.
    #[error("has too few or too many digits")]
    Length,
    /// A program has shortened a long number, as in `6.28E+12`.
    #[error("is a number that a program has shortened")]
    Shortened,
    /// A program has computed with the number, so its digits may be others.
    #[error("has decimals, as if it had been computed")]
    Decimals,
}

/// A region code that is not in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a known region; use one of ID, MY, PH, TH, VN, SG")]
pub struct UnknownRegion;

/// What the table knows of a country's numbers.
struct Plan {
    calling_code: &'static str,
    /// Digits after the calling code, shortest and longest.
    national_digits: (usize, usize),
}

impl Region {
    /// All regions, in the order in which messages name them.
    pub const ALL: [Self; 6] = [Self::Id, Self::My, Self::Ph, Self::Th, Self::Vn, Self::Sg];

    /// Returns the two-letter code (ISO 3166-1).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "ID",
            Self::My => "MY",
            Self::Ph => "PH",
            Self::Th => "TH",
            Self::Vn => "VN",
            Self::Sg => "SG",
        }
    }

    const fn plan(self) -> Plan {
        let (calling_code, national_digits) = match self {
            Self::Id => ("62", (7, 12)),
            Self::My => ("60", (7, 10)),
            Self::Ph => ("63", (8, 10)),
            Self::Th => ("66", (8, 9)),
            Self::Vn => ("84", (8, 10)),
            Self::Sg => ("65", (8, 8)),
        };
        Plan { calling_code, national_digits }
    }
}

/// Returns the number in E.164, reading national spellings as those of `region`.
///
/// `0812…`, `812…`, `62812…`, `+62812…`, `0062812…`, `+62 (0)812…` and `+620812…` are one number, with
/// blanks, dashes, dots and parentheses anywhere, and so is what a column of numbers makes of it
/// ([`without_float`]). A number that begins with `+` or `00` may be of any country. A calling code is
/// never put before one that is already there.
///
/// # Errors
/// [`PhoneError`] when the text cannot be a number.
///
/// # Examples
/// ```
/// use antre_xendit::body::phone::{Region, to_e164};
///
/// assert_eq!(to_e164("0812-3456-7890", Region::Id)?, "+6281234567890");
/// assert_eq!(to_e164("6281234567890", Region::Id)?, "+6281234567890");
/// # Ok::<(), antre_xendit::body::phone::PhoneError>(())
/// ```
pub fn to_e164(number: &str, region: Region) -> Result<String, PhoneError> {
    let number = without_float(number.trim())?;
    let digits = digits_of(&number)?;
    let international = if number.starts_with('+') || number.starts_with("(+") {
        Some(digits.as_str())
    } else {
        digits.strip_prefix("00")
    };
    match international {
        Some(digits) => complete(digits),
        None => from_national(&digits, region),
    }
}

/// Returns the digits only; a `+` may stand nowhere but in front of the first.
fn digits_of(number: &str) -> Result<String, PhoneError> {
    let mut digits = String::with_capacity(number.len());
    for character in number.chars() {
        match character {
            '0'..='9' => digits.push(character),
            '+' if digits.is_empty() => {}
            '-' | '.' | '(' | ')' | '/' | '\u{2010}'..='\u{2015}' | '\u{2212}' => {}
            blank if blank.is_whitespace() => {}
            _ => return Err(PhoneError::Character),
        }
    }
    Ok(digits)
}

/// Returns the number of any country from calling code and rest.
fn complete(digits: &str) -> Result<String, PhoneError> {
    let known = Region::ALL.into_iter().find_map(|region| {
        let plan = region.plan();
        digits.strip_prefix(plan.calling_code).map(|national| (plan, national))
    });
    match known {
        Some((plan, national)) => with_plan(&plan, national),
        // E.164 allows 15 digits in all; no country's numbers are shorter than 7 with their code.
        None if (7..=15).contains(&digits.len()) && !digits.starts_with('0') => {
            Ok(format!("+{digits}"))
        }
        None => Err(PhoneError::Length),
    }
}

/// Returns the number of `region` from a spelling without `+` or `00`.
fn from_national(digits: &str, region: Region) -> Result<String, PhoneError> {
    let plan = region.plan();
    match digits.strip_prefix(plan.calling_code) {
        // `62812…` read as national would become +6262812…, which belongs to nobody. Only a
        // Singapore number may itself begin with its country's calling code: 8 digits in all.
        Some(national) if region != Region::Sg || digits.len() != 8 => with_plan(&plan, national),
        _ => with_plan(&plan, digits),
    }
}

fn with_plan(plan: &Plan, national: &str) -> Result<String, PhoneError> {
    let (shortest, longest) = plan.national_digits;
    // `0812…`, also behind the calling code as in `+62 (0)812…`.
    let national = without_second_code(plan, national.strip_prefix('0').unwrap_or(national));
    if national.starts_with('0') || !(shortest..=longest).contains(&national.len()) {
        return Err(PhoneError::Length);
    }
    Ok(format!("+{}{national}", plan.calling_code))
}

/// Repairs `+62628123456789`, which billing systems have stored by putting +62 before `628…`.
fn without_second_code<'a>(plan: &Plan, national: &'a str) -> &'a str {
    match national.strip_prefix("62") {
        // Landlines of area code 0628 have fewer digits, so this can be nothing but a mobile number.
        Some(mobile)
            if plan.calling_code == "62" && mobile.starts_with('8') && mobile.len() >= 9 =>
        {
            mobile
        }
        _ => national,
    }
}

impl fmt::Display for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        Self::ALL
            .into_iter()
            .find(|region| region.as_str().eq_ignore_ascii_case(text))
            .ok_or(UnknownRegion)
    }
}

#[cfg(test)]
mod tests;
