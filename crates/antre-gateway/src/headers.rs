//! What a create's headers say. None that decides who gets the money is dropped.

use std::time::Duration;

use antre_core::Priority;
use axum::http::HeaderMap;
use sha2::{Digest as _, Sha256};

use crate::{answer::Trouble, callers::KnownCaller, job_text::Treatment};

/// Headers that Xendit would act on: each is refused rather than dropped.
/// `for-user-id` says whose account it is, together with the key.
const UNSUPPORTED: [&str; 4] = ["with-fee-rule", "with-split-rule", "api-version", "x-api-version"];
const IDEMPOTENCY: [&str; 2] = ["idempotency-key", "x-idempotency-key"];
const WAIT_S_MAX: u64 = 120;
const KEY_BYTES_MAX: usize = 255;

/// How long a caller is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// As the option has it.
    AsConfigured,
    /// As the caller asks.
    For(Duration),
    /// Not at all: it asked for a 202.
    Not,
}

/// What a create's headers say.
#[derive(Debug)]
pub(crate) struct Headers {
    pub(crate) treatment: Treatment,
    pub(crate) hold: Hold,
    /// The digest of the idempotency key, which is this caller's own.
    pub(crate) key_digest: Option<String>,
}

/// Refuses what decides who gets the money. An empty one is none.
pub(crate) fn refuse_unsupported(headers: &HeaderMap) -> Result<(), Trouble> {
    let is_set = |name: &&&str| {
        headers.get_all(**name).iter().any(|value| !value.as_bytes().trim_ascii().is_empty())
    };
    match UNSUPPORTED.iter().find(is_set) {
        Some(name) => Err(Trouble::UnsupportedHeader { name }),
        None => Ok(()),
    }
}

/// Returns what the headers of a create say.
pub(crate) fn read(
    headers: &HeaderMap,
    caller: &KnownCaller,
    usual: Priority,
) -> Result<Headers, Trouble> {
    refuse_unsupported(headers)?;
    let treatment = Treatment {
        priority: priority(headers, caller, usual)?,
        batch: text(headers, "x-antre-batch")?,
        reference: text(headers, "x-antre-reference")?,
        traceparent: text(headers, "traceparent")?,
    };
    Ok(Headers { treatment, hold: hold(headers)?, key_digest: key_digest(headers, caller)? })
}

fn text(headers: &HeaderMap, name: &'static str) -> Result<Option<String>, Trouble> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_error| {
        let rule = "must be UTF-8".to_owned();
        Trouble::InvalidHeader { name, rule }
    })?;
    Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
}

fn priority(
    headers: &HeaderMap,
    caller: &KnownCaller,
    usual: Priority,
) -> Result<Priority, Trouble> {
    const NAME: &str = "x-antre-priority";
    let Some(word) = text(headers, NAME)? else { return Ok(usual.min(caller.priority_max)) };
    let asked: Result<Priority, _> = word.to_ascii_lowercase().parse();
    let asked =
        asked.map_err(|error| Trouble::InvalidHeader { name: NAME, rule: error.to_string() })?;
    Ok(asked.min(caller.priority_max))
}

/// Reads `Prefer` (RFC 7240); preferences that are not known are ignored, as it says.
fn hold(headers: &HeaderMap) -> Result<Hold, Trouble> {
    let mut hold = Hold::AsConfigured;
    for value in headers.get_all("prefer") {
        let text = value.to_str().unwrap_or_default();
        for preference in text.split(',').map(|one| one.split(';').next().unwrap_or_default()) {
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "respond-async" => return Ok(Hold::Not),
                "wait" => hold = Hold::For(wait(value)?),
                _ => {}
            }
        }
    }
    Ok(hold)
}

fn wait(value: &str) -> Result<Duration, Trouble> {
    let seconds = value.trim().trim_matches('"').parse().ok();
    let seconds = seconds.filter(|seconds| *seconds <= WAIT_S_MAX).ok_or_else(|| {
        let rule = format!("takes wait=0 to wait={WAIT_S_MAX}, in seconds");
        Trouble::InvalidHeader { name: "prefer", rule }
    })?;
    Ok(Duration::from_secs(seconds))
}

fn key_digest(headers: &HeaderMap, caller: &KnownCaller) -> Result<Option<String>, Trouble> {
    for name in IDEMPOTENCY {
        let Some(key) = headers.get(name).map(|value| value.as_bytes().trim_ascii()) else {
            continue;
        };
        if key.len() > KEY_BYTES_MAX {
            let rule = format!("must have at most {KEY_BYTES_MAX} characters");
            return Err(Trouble::InvalidHeader { name, rule });
        }
        if !key.is_empty() {
            let digest = Sha256::new().chain_update(caller.name.as_bytes()).chain_update(b"\n");
            return Ok(Some(hex(&digest.chain_update(key).finalize())));
        }
    }
    Ok(None)
}

/// Returns bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests;
