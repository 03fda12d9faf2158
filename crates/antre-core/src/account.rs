//! The name of an account as it appears in keys, configuration and pages.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::characters::{Doubt, doubt};

/// The most characters an account's name may have.
pub const MAX_LENGTH: usize = 32;

/// One to 32 characters of `a`–`z`, `0`–`9` and `-`; stands in the hash tag of every key of the account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AccountName(String);

/// A text that is no account name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountNameError {
    doubt: Option<Doubt>,
}

impl fmt::Display for AccountNameError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(doubt) = self.doubt {
            write!(formatter, "{doubt}; it ")?;
        }
        formatter.write_str("is not an account name: use 1 to 32 of the characters a-z, 0-9 and -")
    }
}

impl std::error::Error for AccountNameError {}

impl AccountName {
    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The account named `default`, which is used where none is named.
impl Default for AccountName {
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl FromStr for AccountName {
    type Err = AccountNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_valid = (1..=MAX_LENGTH).contains(&text.len())
            && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if is_valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(AccountNameError { doubt: doubt(text) })
        }
    }
}

impl TryFrom<String> for AccountName {
    type Error = AccountNameError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AccountName> for String {
    fn from(name: AccountName) -> Self {
        name.0
    }
}

impl AsRef<str> for AccountName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

#[cfg(test)]
mod tests;
