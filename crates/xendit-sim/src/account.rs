//! Which account a request belongs to and what it may do, told by its secret key.

mod merchant;
mod rights;

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

pub use self::merchant::{Merchant, MerchantError};
pub use self::rights::Rights;
use crate::locked::locked;
use crate::options::SecretKey;
use crate::refusal::Refusal;

/// The name of an account: that of its only key ([`account_of`]), or `NAME:test` and `NAME:live` of a
/// [`Merchant`]. Behind a slash stands the sub-account that a request is for.
pub(crate) type Account = Arc<str>;

/// Returns the name of a secret key: the first 12 hexadecimal digits of its SHA-256. The key itself
/// appears nowhere. It is also the name of the key's account, unless a [`Merchant`] has that key.
pub fn account_of(secret_key: &str) -> String {
    digest(secret_key, 6)
}

/// The header that names a sub-account of a platform.
const FOR_USER_ID: &str = "for-user-id";

/// Returns the business id of an account, the same in test and live mode: 24 hexadecimal digits, or of a
/// sub-account the one that the request named.
pub(crate) fn user_id_of(account: &str) -> String {
    if let Some((_platform, user_id)) = account.split_once('/') {
        return user_id.to_owned();
    }
    digest(account.split_once(':').map_or(account, |(merchant, _mode)| merchant), 12)
}

pub(crate) fn digest(text: &str, bytes: usize) -> String {
    Sha256::digest(text.as_bytes()).iter().take(bytes).fold(String::new(), |mut hex, byte| {
        // Writing into a String cannot fail.
        write!(hex, "{byte:02x}").ok();
        hex
    })
}

/// Who makes a request.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The name of the key.
    pub(crate) key: Arc<str>,
    pub(crate) account: Account,
    pub(crate) rights: Rights,
}

/// The accounts and keys that the simulator knows.
#[derive(Debug)]
pub(crate) struct Accounts {
    inner: Mutex<Inner>,
}

/// All keys by their names.
#[derive(Debug)]
struct Inner {
    /// `None`: any key that is not empty.
    known: Option<HashSet<String>>,
    /// The keys that are not accounts of their own.
    accounts: HashMap<String, Account>,
    /// The keys that may not do everything.
    rights: HashMap<String, Rights>,
}

impl Accounts {
    pub(crate) fn new(keys: Option<&[SecretKey]>, merchants: &[Merchant]) -> Self {
        let known = keys.map(|keys| keys.iter().map(|key| account_of(key.reveal())).collect());
        let inner = Inner { known, accounts: HashMap::new(), rights: HashMap::new() };
        let accounts = Self { inner: Mutex::new(inner) };
        for merchant in merchants {
            accounts.add(merchant);
        }
        accounts
    }

    /// Gives a merchant's account its keys; those that it has stay.
    pub(crate) fn add(&self, merchant: &Merchant) {
        let accounts = &mut locked(&self.inner).accounts;
        for key in merchant.keys() {
            accounts.insert(account_of(key.reveal()), merchant.account_of(key).into());
        }
    }

    pub(crate) fn set_rights(&self, key: &SecretKey, rights: Rights) {
        locked(&self.inner).rights.insert(account_of(key.reveal()), rights);
    }

    /// Returns the account that a key belongs to, whether or not it is accepted.
    pub(crate) fn account_of(&self, key: &SecretKey) -> Account {
        let name = account_of(key.reveal());
        locked(&self.inner).accounts.get(&name).cloned().unwrap_or_else(|| name.into())
    }

    /// Reads the key from HTTP Basic (user = secret key, empty password) and names its account.
    pub(crate) fn authenticate(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        let malformed = || Refusal::invalid_key("API key format is invalid");
        let header = headers.get(header::AUTHORIZATION).ok_or_else(malformed)?;
        let encoded = header.to_str().ok().and_then(basic_credentials).ok_or_else(malformed)?;
        let decoded = STANDARD.decode(encoded).map_err(|_| malformed())?;
        let decoded = String::from_utf8(decoded).map_err(|_| malformed())?;
        let (key, password) = decoded.split_once(':').ok_or_else(malformed)?;
        if key.is_empty() || !password.is_empty() {
            return Err(malformed());
        }
        let mut caller = self.caller(account_of(key))?;
        if let Some(user_id) = sub_account(headers)? {
            caller.account = format!("{}/{user_id}", caller.account).into();
        }
        Ok(caller)
    }

    fn caller(&self, key: String) -> Result<Caller, Refusal> {
        let inner = locked(&self.inner);
        let account = inner.accounts.get(&key).cloned();
        let is_known = account.is_some() || inner.known.as_ref().is_none_or(|k| k.contains(&key));
        let rights = inner.rights.get(&key).copied().unwrap_or_default();
        if !is_known || rights == Rights::Revoked {
            return Err(Refusal::invalid_key("API key is not authorized for this API"));
        }
        let key: Arc<str> = key.into();
        let account = account.unwrap_or_else(|| Arc::clone(&key));
        Ok(Caller { key, account, rights })
    }
}

/// Returns the sub-account that a request is for, if it names one.
fn sub_account(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let Some(value) = headers.get(FOR_USER_ID) else { return Ok(None) };
    let user_id = value.to_str().map_err(|_| Refusal::invalid_sub_account())?.trim();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !user_id.chars().all(is_plain) || user_id.len() > 64 {
        return Err(Refusal::invalid_sub_account());
    }
    Ok((!user_id.is_empty()).then_some(user_id))
}

fn basic_credentials(header: &str) -> Option<&str> {
    let (scheme, credentials) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("basic").then_some(credentials.trim())
}

#[cfg(test)]
mod tests;
