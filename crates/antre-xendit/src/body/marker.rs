//! The mark that every invoice of Antre's carries.

use antre_core::AccountName;

/// The metadata key that carries the mark in every invoice that Antre creates.
pub const MARKER_KEY: &str = "antre_job";

/// Returns the mark of a bill's invoices: `<account>/<origin>`, where the origin is the bill's first job.
pub fn marker(account: &AccountName, origin: &str) -> String {
    format!("{account}/{origin}")
}

/// Returns the name of the account in a mark, if it has one.
pub(crate) fn account_in(marker: &str) -> Option<&str> {
    marker.split_once('/').map(|(account, _)| account)
}
