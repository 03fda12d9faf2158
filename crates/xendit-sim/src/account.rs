//! Which account a request belongs to, told by its secret key.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::options::SecretKey;
use crate::refusal::Refusal;

/// The name of an account: the first 12 hexadecimal digits of SHA-256 of its key.
pub(crate) type Account = Arc<str>;

/// Returns the name under which the simulator keeps the account of this secret key. The key itself
/// appears nowhere.
pub fn account_of(secret_key: &str) -> String {
    digest(secret_key, 6)
}

/// Returns the business id of an account: 24 hexadecimal digits.
pub(crate) fn user_id_of(account: &str) -> String {
    digest(account, 12)
}

fn digest(text: &str, bytes: usize) -> String {
    Sha256::digest(text.as_bytes()).iter().take(bytes).fold(String::new(), |mut hex, byte| {
        // Writing into a String cannot fail.
        write!(hex, "{byte:02x}").ok();
        hex
    })
}

/// The accounts that the simulator knows.
#[derive(Debug)]
pub(crate) struct Accounts {
    /// `None`: any key that is not empty.
    known: Option<Vec<String>>,
}

impl Accounts {
    pub(crate) fn new(keys: Option<&[SecretKey]>) -> Self {
        Self { known: keys.map(|keys| keys.iter().map(|key| account_of(key.reveal())).collect()) }
    }

    /// Reads the key from HTTP Basic (user = secret key, empty password) and names its account.
    pub(crate) fn authenticate(&self, headers: &HeaderMap) -> Result<Account, Refusal> {
        let malformed = || Refusal::invalid_key("API key format is invalid");
        let header = headers.get(header::AUTHORIZATION).ok_or_else(malformed)?;
        let encoded = header.to_str().ok().and_then(basic_credentials).ok_or_else(malformed)?;
        let decoded = STANDARD.decode(encoded).map_err(|_| malformed())?;
        let decoded = String::from_utf8(decoded).map_err(|_| malformed())?;
        let (key, password) = decoded.split_once(':').ok_or_else(malformed)?;
        if key.is_empty() || !password.is_empty() {
            return Err(malformed());
        }
        let account = account_of(key);
        match &self.known {
            Some(known) if !known.contains(&account) => {
                Err(Refusal::invalid_key("API key is not authorized for this API"))
            }
            _ => Ok(account.into()),
        }
    }
}

fn basic_credentials(header: &str) -> Option<&str> {
    let (scheme, credentials) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("basic").then_some(credentials.trim())
}

#[cfg(test)]
mod tests;
