//! Who pays a bill, reduced to digests: enough to see that two jobs mean different people.
//!
//! A digest keeps e-mail addresses and telephone numbers out of keys and logs. It is no secret:
//! whoever holds it can test guesses, and there are few enough telephone numbers to try them all.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The first 8 bytes of the SHA-256 of a normalised address, written as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest([u8; 8]);

/// A text that is not 16 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a digest of 16 lower-case hexadecimal digits")]
pub struct DigestError;

impl Digest {
    fn of(normalised: &str) -> Self {
        let hash: [u8; 32] = Sha256::digest(normalised.as_bytes()).into();
        let mut bytes = [0; 8];
        for (target, source) in bytes.iter_mut().zip(hash) {
            *target = source;
        }
        Self(bytes)
    }
}

/// The addresses by which payers are told apart; either may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Payer {
    /// Digest of the e-mail address, trimmed and in lower case.
    pub email: Option<Digest>,
    /// Digest of the mobile number in E.164, or of its bare digits if it cannot be brought into that form.
    pub mobile: Option<Digest>,
}

impl Payer {
    /// Returns the payer with these addresses, each in the one form of its kind; empty ones count as missing.
    pub fn of_normalised(email: Option<&str>, mobile: Option<&str>) -> Self {
        let digest =
            |address: Option<&str>| address.filter(|text| !text.is_empty()).map(Digest::of);
        Self { email: digest(email), mobile: digest(mobile) }
    }

    /// Tells whether the two are certainly different people: both carry an e-mail address or both a
    /// mobile number, and none that both carry is equal.
    ///
    /// Without anything to compare the answer is no.
    pub fn differs(&self, other: &Self) -> bool {
        let pairs = [self.email.zip(other.email), self.mobile.zip(other.mobile)];
        let mut carried_by_both = pairs.into_iter().flatten().peekable();
        carried_by_both.peek().is_some() && carried_by_both.all(|(ours, theirs)| ours != theirs)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_hex = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() != 16 || !is_hex {
            return Err(DigestError);
        }
        let number = u64::from_str_radix(text, 16).map_err(|_| DigestError)?;
        Ok(Self(number.to_be_bytes()))
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}
