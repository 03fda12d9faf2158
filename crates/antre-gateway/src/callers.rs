//! Who calls: the key in `Authorization`, compared by its digest with every known one.

use std::{fmt, sync::Arc};

use antre_core::{AccountName, Priority};
use axum::http::{HeaderMap, header::AUTHORIZATION};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

/// The SHA-256 of a caller's key. `Debug` does not show it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyDigest([u8; 32]);

/// A text that is no digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no SHA-256: write 64 hexadecimal digits, as of `printf %s KEY | sha256sum`")]
pub struct KeyDigestError;

impl KeyDigest {
    /// Returns the digest of this key.
    pub fn of(key: &[u8]) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// Returns the digest that was computed elsewhere.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the digest in 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`KeyDigestError`] for any other text.
    pub fn from_hex(text: &str) -> Result<Self, KeyDigestError> {
        let mut bytes = [0; 32];
        let digits = text.as_bytes();
        if digits.len() != 2 * bytes.len() || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(KeyDigestError);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_error| KeyDigestError)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_error| KeyDigestError)?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyDigest(…)")
    }
}

/// A program that may call.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Its name in logs and metrics.
    pub name: String,
    /// Its key.
    pub key: KeyDigest,
    /// The highest priority that it may ask for.
    pub priority_max: Priority,
    /// Whether the key is the account's at Xendit. Sub-accounts share their platform's, so it needs `for-user-id`.
    pub has_accounts_key: bool,
}

/// A caller, and whose bills it makes.
#[derive(Debug, Clone)]
pub(crate) struct KnownCaller {
    pub(crate) account: AccountName,
    pub(crate) name: Arc<str>,
    pub(crate) key: KeyDigest,
    pub(crate) priority_max: Priority,
    pub(crate) has_accounts_key: bool,
    /// The sub-account whose bills the account makes, if it is one.
    pub(crate) for_user_id: Option<Arc<str>>,
}

impl KnownCaller {
    /// A key of Antre's own names one account; a platform's key names it together with the header.
    fn means(&self, for_user_id: Option<&str>) -> bool {
        let is_own = self.for_user_id.as_deref() == for_user_id;
        is_own || (!self.has_accounts_key && for_user_id.is_none())
    }
}

/// Why nobody is known by this header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stranger {
    /// There is no key in it.
    Unreadable,
    /// The key is not known.
    Unknown,
    /// The key is known, and the account that `for-user-id` names together with it is not.
    OtherUser,
}

/// Returns who calls. Every known digest is compared, so the time tells nothing about which one was near.
pub(crate) fn find<'a>(
    known: &'a [KnownCaller],
    headers: &HeaderMap,
) -> Result<&'a KnownCaller, Stranger> {
    let shown = KeyDigest::of(&key_in(headers).ok_or(Stranger::Unreadable)?);
    let for_user_id = for_user_id(headers);
    let (mut found, mut has_key) = (u32::MAX, Choice::from(0));
    for (position, caller) in (0..u32::MAX).zip(known) {
        let has_its_key: Choice = caller.key.0.ct_eq(&shown.0);
        has_key |= has_its_key;
        let is_it = has_its_key & Choice::from(u8::from(caller.means(for_user_id)));
        found.conditional_assign(&position, is_it);
    }
    let position = usize::try_from(found).unwrap_or(usize::MAX);
    let stranger = if bool::from(has_key) { Stranger::OtherUser } else { Stranger::Unknown };
    known.get(position).ok_or(stranger)
}

/// Returns the sub-account that the header names. An empty one is none; more than one name nobody.
fn for_user_id(headers: &HeaderMap) -> Option<&str> {
    let mut named = headers.get_all("for-user-id").iter().filter(|value| !value.is_empty());
    let first = named.next()?;
    let text = first.to_str().unwrap_or("?").trim();
    let is_one = named.all(|other| other == first);
    if is_one { Some(text).filter(|text| !text.is_empty()) } else { Some("?") }
}

/// Returns the user in `Authorization: Basic`; the password is ignored.
fn key_in(headers: &HeaderMap) -> Option<Vec<u8>> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let mut pair = STANDARD.decode(encoded.trim()).ok()?;
    let key_bytes = pair.iter().position(|byte| *byte == b':')?;
    pair.truncate(key_bytes);
    (!pair.is_empty()).then_some(pair)
}

#[cfg(test)]
mod tests;
