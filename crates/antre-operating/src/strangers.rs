//! Keys that are shown for an account and were not shown to be its own.

use antre_store::status::{Status, Stranger};

/// A key that nobody has shown for this long is taken for gone.
const STRANGER_SILENT_MS: u64 = 60_000;

/// Returns the keys that were shown within the last minute and are not known to be the account's.
pub fn recent_strangers(status: &Status) -> impl Iterator<Item = &Stranger> {
    let since_ms = status.now_ms.saturating_sub(STRANGER_SILENT_MS);
    status.strangers.iter().filter(move |stranger| stranger.seen_ms >= since_ms)
}
