//! The account's secret key, in a type that cannot be printed.

mod mistaken;

use std::fmt;

use antre_core::mode::Mode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::InvalidLength;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::mode;

/// A Xendit secret key.
///
/// Neither `Debug` nor any public method shows it. Two keys of one length are compared in constant time.
#[derive(Clone)]
pub struct SecretKey(Box<str>);

/// Why a text cannot be a secret key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretKeyError {
    /// There is nothing in it.
    #[error("the secret key is empty")]
    Empty,
    /// It is something else, which this says together with what to do.
    #[error("{0}")]
    Mistaken(&'static str),
}

impl SecretKey {
    /// Returns the key in this text; blanks around it, such as a file's last line break, do not count.
    ///
    /// # Errors
    /// [`SecretKeyError::Empty`], or [`SecretKeyError::Mistaken`] for all that is known to be something else: other
    /// keys, decoration, placeholders. A text of a form of its own is taken, with an unknown mode: simulators have such.
    pub fn new(text: &str) -> Result<Self, SecretKeyError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SecretKeyError::Empty);
        }
        if let Some(what) = mistaken::explain(text) {
            return Err(SecretKeyError::Mistaken(what));
        }
        Ok(Self(text.into()))
    }

    /// Returns whether the key's invoices are real, as its prefix tells.
    pub fn mode(&self) -> Mode {
        mode::of(&self.0)
    }

    /// Returns the key's SHA-256, to be compared with what somebody shows. It is as secret as a password's digest.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// Returns the message's HMAC-SHA-256 (RFC 2104) under this key.
    ///
    /// # Errors
    /// None in practice: HMAC takes a key of any length.
    pub(crate) fn authenticate(&self, message: &str) -> Result<[u8; 32], InvalidLength> {
        let mut hmac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes())?;
        hmac.update(message.as_bytes());
        Ok(hmac.finalize().into_bytes().into())
    }

    /// Returns the value of `Authorization`: Basic, with the key as user and no password.
    pub(crate) fn authorization(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:", self.0)))
    }
}

impl PartialEq for SecretKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for SecretKey {}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SecretKey({})", self.mode())
    }
}

#[cfg(test)]
mod tests;
