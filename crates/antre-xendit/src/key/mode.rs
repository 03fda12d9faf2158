//! A key's mode: does it move real money?

use antre_core::Mode;

/// How the keys of each mode begin.
pub(super) const TEST: &str = "xnd_development_";
pub(super) const LIVE: &str = "xnd_production_";

/// Returns the mode that a secret key's beginning tells; the rest of the key is not looked at. A key of another form,
/// as simulators take it, has an unknown one.
pub(super) fn of(secret_key: &str) -> Mode {
    if secret_key.starts_with(TEST) {
        Mode::Test
    } else if secret_key.starts_with(LIVE) {
        Mode::Live
    } else {
        Mode::Unknown
    }
}

/// Tells whether a text begins as Xendit's keys do, secret or not.
pub fn begins_as_key(text: &str) -> bool {
    text.trim().starts_with("xnd_")
}

#[cfg(test)]
mod tests;
