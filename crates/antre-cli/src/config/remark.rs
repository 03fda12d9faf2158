//! What is not wrong with a configuration and yet worth saying.

use std::time::Duration;

use antre_protocol::Mode;
use antre_protocol::duration_text::DurationText;

use super::Account;

/// A bill's second audit comes 15 minutes after its job's end; as long again for one that is late.
const RETENTION_DONE_MIN: Duration = Duration::from_mins(30);

/// Returns what is worth saying of an account.
pub(super) fn about(account: &Account) -> Option<String> {
    let kept = account.settings.retention_done;
    // A live key is refused with this.
    if account.mode() == Mode::Live || kept >= RETENTION_DONE_MIN {
        return None;
    }
    Some(format!(
        "account {}: retention_done {} is shorter than {}: the second audit of a bill, 15m after its \
         job's end, finds no record and is dropped, and an invoice too many stays payable",
        account.name,
        DurationText(kept),
        DurationText(RETENTION_DONE_MIN),
    ))
}

/// Returns the remark about a variable that begins like ours.
pub(super) fn about_stranger(name: &str) -> String {
    format!("the variable {name} is none of Antre's and has no effect")
}
