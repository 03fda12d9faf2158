//! Which access to Xendit this is, as a text that may be stored and shown.

use std::fmt::Write as _;

use antre_core::mode::Mode;
use hmac::digest::InvalidLength;
use url::Url;

use crate::key::SecretKey;

/// The bytes of the HMAC that are kept; twice as many hex digits are shown.
const KEPT_BYTES: usize = 16;

/// Returns the first 16 bytes, in hex, of the HMAC-SHA-256 under the secret key of
/// `"antre account v1\n" + mode + "\n" + base URL`, the URL as scheme, host, port and path without a slash
/// at its end. A port that is the scheme's own makes no difference, nor does the case of the host. The requests for a
/// sub-account have `"\nfor-user-id: " + its id` behind that.
pub(crate) fn of(
    key: &SecretKey,
    mode: Mode,
    base_url: &Url,
    for_user_id: Option<&str>,
) -> Result<String, InvalidLength> {
    let host = base_url.host_str().unwrap_or_default().to_ascii_lowercase();
    let port = base_url.port_or_known_default().unwrap_or_default();
    let path = base_url.path().trim_end_matches('/');
    let scheme = base_url.scheme();
    let sub_account = for_user_id.map(|id| format!("\nfor-user-id: {id}")).unwrap_or_default();
    let message = format!("antre account v1\n{mode}\n{scheme}://{host}:{port}{path}{sub_account}");
    let mut digits = String::with_capacity(2 * KEPT_BYTES);
    for byte in key.authenticate(&message)?.iter().take(KEPT_BYTES) {
        // Writing to a String cannot fail.
        write!(digits, "{byte:02x}").unwrap_or_default();
    }
    Ok(digits)
}

#[cfg(test)]
mod tests;
