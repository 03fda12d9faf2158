//! The token of changing routes, and of all but probes where other machines can ask.

use std::{fmt, sync::Arc};

use subtle::ConstantTimeEq as _;

/// A secret that cannot be printed.
#[derive(Clone)]
pub struct Token(Arc<str>);

/// A text that is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "is no token: use at least 16 visible ASCII characters without blanks, as of `openssl rand -hex 32`"
)]
pub struct TokenError;

impl Token {
    /// The fewest characters: shorter ones can be guessed, because nothing counts the attempts.
    pub const LENGTH_MIN: usize = 16;

    /// Returns the token.
    ///
    /// # Errors
    /// [`TokenError`] when it has fewer than 16 characters or could not stand in a header.
    pub fn new(text: &str) -> Result<Self, TokenError> {
        let is_long = text.len() >= Self::LENGTH_MIN;
        let is_valid = is_long && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_valid { Ok(Self(text.into())) } else { Err(TokenError) }
    }

    /// Tells whether `shown` is the token, in a time that tells no more than whether the lengths are the same.
    pub(crate) fn is(&self, shown: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(shown).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests;
