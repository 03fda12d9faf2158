//! What the text of a value means, wherever it stands: in a job's JSON, as a text in it, or in a cell of a
//! file. One form, one meaning, for every door.
//!
//! Money and addresses are never guessed: what may mean two things is refused.

mod instant;
mod number;

use std::fmt;

pub use instant::unix_ms;
pub use number::{NumberFault, number};

use crate::characters::is_invisible;

/// Words for true and false, in any case. Spreadsheets write those of their language, databases `t` and `f`.
const TRUE: [&str; 10] = ["true", "1", "1.0", "yes", "ya", "iya", "benar", "on", "y", "t"];
const FALSE: [&str; 9] = ["false", "0", "0.0", "no", "tidak", "salah", "off", "n", "f"];

/// A text that is neither true nor false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotBoolean;

impl fmt::Display for NotBoolean {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("must be true or false")
    }
}

impl std::error::Error for NotBoolean {}

/// Returns the truth value that a text stands for: `true`, `false`, `1`, `0`, `ya`, `tidak`, `yes`, `no`, in any
/// case.
///
/// # Errors
/// [`NotBoolean`] for every other text.
///
/// # Examples
/// ```
/// use antre_core::value::{NotBoolean, boolean};
///
/// assert_eq!(boolean("TRUE"), Ok(true));
/// assert_eq!(boolean("tidak"), Ok(false));
/// assert_eq!(boolean("maybe"), Err(NotBoolean));
/// ```
pub fn boolean(text: &str) -> Result<bool, NotBoolean> {
    let text = trimmed(text).to_lowercase();
    let is_one_of = |words: &[&str]| words.contains(&text.as_str());
    if is_one_of(&TRUE) {
        Ok(true)
    } else if is_one_of(&FALSE) {
        Ok(false)
    } else {
        Err(NotBoolean)
    }
}

/// Returns the text without blanks and invisible characters at its ends.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_whitespace() || is_invisible(character))
}

#[cfg(test)]
mod tests;
