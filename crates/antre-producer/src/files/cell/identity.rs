//! Names of bills and the like, in which every digit counts, and the damage by a column of numbers.
//!
//! An external id may look like anything, so nothing is repaired here: `1182.0` is a name as well as
//! `1182`, and taking one for the other would bill somebody twice.

mod dates;

const DECIMALS: &str = "looks like a number to which a program has added decimals; format the column as \
     text and enter the values again";
const THOUSANDS: &str = "looks like a number with thousands separators; format the column as text and \
     enter the values again";
const DATE: &str = "looks like a date that a program has made of something else; format the column as text \
     and enter the values again. If it is right, send the jobs as JSON Lines";
const NO_NAME: &str = "holds neither a letter nor a digit; give the bill a name, or remove the row";
const TOTALS: &str = "looks like a row of totals; remove the row";

/// Digits that a spreadsheet keeps; it makes zeros of further ones.
const DIGITS_KEPT: usize = 15;
/// Words for no value that may stand in a text, but are no names.
const NO_NAMES: [&str; 5] = ["null", "none", "nat", "n/a", "nil"];

/// Refuses what is certainly not the name that was meant.
pub(super) fn refuse_spoiled(text: &str) -> Result<(), String> {
    let found = if has_added_decimals(text) {
        DECIMALS
    } else if has_exponent(text) {
        super::SPOILED
    } else if dates::is_of_a_spreadsheet(text) {
        DATE
    } else if has_thousands(text) {
        THOUSANDS
    } else if NO_NAMES.iter().chain(&super::NO_VALUES).any(|it| text.eq_ignore_ascii_case(it)) {
        super::NOTHING
    } else {
        return Ok(());
    };
    Err(found.to_owned())
}

/// `1182.0`, `1182,00`.
fn has_added_decimals(text: &str) -> bool {
    text.split_once(['.', ',']).is_some_and(|(integer, decimals)| {
        are_digits(integer)
            && are_digits(decimals)
            && (decimals.bytes().all(|digit| digit == b'0') || is_noise(decimals))
    })
}

/// What is left of a computation: `1182.0000000001`, `1181.9999999999`.
fn is_noise(decimals: &str) -> bool {
    ["000000", "999999"].iter().any(|start| decimals.starts_with(start))
}

/// `6.28123E12`, as some programs write large numbers; `6281E12` may be a name.
fn has_exponent(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let is_number = mantissa
        .split_once(['.', ','])
        .is_some_and(|(one, other)| are_digits(one) && are_digits(other));
    is_number && are_digits(exponent)
}

/// `1.182`, `20,261,182`, also with decimals; no number begins with a zero.
fn has_thousands(text: &str) -> bool {
    [('.', ','), (',', '.')].into_iter().any(|(thousands, decimal)| {
        let (whole, decimals) = text.split_once(decimal).unwrap_or((text, "0"));
        let mut groups = whole.split(thousands);
        let is_first =
            |first: &str| are_digits(first) && first.len() <= 3 && !first.starts_with('0');
        groups.next().is_some_and(is_first)
            && whole.contains(thousands)
            && groups.all(|group| are_digits(group) && group.len() == 3)
            && are_digits(decimals)
    })
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns what is wrong with a bill's name that is none: a sign for an empty cell, such as `-`, or the
/// heading of a sum: `Total`, `JUMLAH:`, `Grand Total 2026`.
pub(in crate::files) fn is_no_bill(text: &str) -> Option<&'static str> {
    if !text.is_empty() && !text.contains(char::is_alphanumeric) {
        return Some(NO_NAME);
    }
    let mut words = text
        .split_whitespace()
        .map(|word| word.trim_matches(|it: char| !it.is_alphanumeric()).to_lowercase())
        .filter(|word| !word.is_empty());
    let first = words.next()?;
    let is_total = |word: &str| {
        ["total", "totals", "subtotal", "sub-total", "grandtotal", "jumlah", "sum"].contains(&word)
    };
    let is_heading = is_total(&first)
        || (["grand", "sub", "sum"].contains(&first.as_str())
            && words.next().is_some_and(|second| is_total(&second)));
    is_heading.then_some(TOTALS)
}

/// The long numbers of one column: whether a spreadsheet has cut them all to 15 digits.
///
/// One number that ends in zeros may be right; a column in which every one does has been through a
/// spreadsheet.
#[derive(Debug, Clone, Default)]
pub(in crate::files) struct LongNumbers {
    first_line: Option<u64>,
    has_others: bool,
}

impl LongNumbers {
    pub(in crate::files) fn note(&mut self, text: &str, line: u64) {
        if !are_digits(text) || text.starts_with('0') {
            return;
        }
        match text.split_at_checked(DIGITS_KEPT) {
            Some((_, beyond)) if !beyond.is_empty() => {
                self.has_others |= beyond.bytes().any(|digit| digit != b'0');
                self.first_line.get_or_insert(line);
            }
            _ => {}
        }
    }

    /// Returns the line of the first number if all of them were cut.
    pub(in crate::files) fn cut_from(&self) -> Option<u64> {
        self.first_line.filter(|_| !self.has_others)
    }
}

/// Continues a sentence that begins with the field.
pub(in crate::files) const CUT: &str = "is a number of more than 15 digits that ends in zeros, as do all long ones of its \
     column: a spreadsheet keeps 15 digits only; format the column as text and enter the values again. \
     If they are right, send the jobs as JSON Lines";
