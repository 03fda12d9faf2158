//! An account with several secret keys, as a merchant has while it rotates them.

use std::str::FromStr;

use crate::options::SecretKey;

/// What begins a key of live mode; all other keys are of test mode.
const LIVE_PREFIX: &str = "xnd_production_";

/// One merchant's account and its secret keys. In text `NAME=key1,key2`.
///
/// Keys of test mode see one set of invoices, keys of live mode (`xnd_production_…`) another one; both
/// show the same `user_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merchant {
    name: String,
    keys: Vec<SecretKey>,
}

/// Why a text is no merchant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MerchantError {
    /// No `=` after the name. The text is not repeated: it may be a key.
    #[error("an account is written NAME=key1,key2")]
    Form,
    /// The name is empty or has characters of other meanings.
    #[error("the account name `{0}` must consist of letters, digits, `-` and `_`")]
    Name(String),
    /// A key is empty, or there is none.
    #[error("account `{0}` has an empty key")]
    Key(String),
}

impl Merchant {
    /// Names an account and its keys.
    ///
    /// # Errors
    /// [`MerchantError::Name`] and [`MerchantError::Key`].
    pub fn new(
        name: impl Into<String>,
        keys: impl IntoIterator<Item = SecretKey>,
    ) -> Result<Self, MerchantError> {
        let (name, keys) = (name.into(), Vec::from_iter(keys));
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(is_plain) {
            return Err(MerchantError::Name(name));
        }
        if keys.is_empty() || keys.iter().any(|key| key.reveal().is_empty()) {
            return Err(MerchantError::Key(name));
        }
        Ok(Self { name, keys })
    }

    pub(crate) fn keys(&self) -> &[SecretKey] {
        &self.keys
    }

    /// Returns the name under which the invoices of this key are kept.
    pub(crate) fn account_of(&self, key: &SecretKey) -> String {
        let mode = if key.reveal().starts_with(LIVE_PREFIX) { "live" } else { "test" };
        format!("{}:{mode}", self.name)
    }
}

impl FromStr for Merchant {
    type Err = MerchantError;

    fn from_str(text: &str) -> Result<Self, MerchantError> {
        let (name, keys) = text.split_once('=').ok_or(MerchantError::Form)?;
        Self::new(name.trim(), keys.split(',').map(|key| SecretKey::new(key.trim())))
    }
}
