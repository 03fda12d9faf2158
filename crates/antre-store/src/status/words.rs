//! What a picture means, in the words that every page, route and log of Antre uses.

use std::time::Duration;

use super::{Breaker, Stranger};

/// How long grants may come back unused while nothing is sent, before people are told.
pub const UNUSED_AFTER: Duration = Duration::from_secs(30);
/// The same when no replica confirms claims: that does not mend itself by waiting.
pub const UNREPLICATED_AFTER: Duration = Duration::from_secs(3);

/// What it means that no replica confirms claims, and what to do.
pub const NO_REPLICA: &str = "no replica of redis confirms claims in time, so nothing is sent: bring a replica back, \
    or set durability = \"local\"";

/// What it means that bills get invoices that were paid before, and what to do.
pub(super) const ALREADY_PAID: &str = "jobs got invoices that their customers had paid before, so nothing new was billed: \
     give each new bill an external_id of its own (warning already_paid in the results)";

impl Breaker {
    /// Returns what an account's open breaker means, for a person.
    pub fn text(&self) -> String {
        let reason = &self.reason;
        if self.is_for_creates {
            format!(
                "Xendit answers look-ups but creates no invoices ({reason}); jobs wait and one create at a time tries on"
            )
        } else {
            format!(
                "Xendit, the network or the key does not work ({reason}); jobs wait and one probe tries on"
            )
        }
    }

    /// Returns what the open breaker of one worker means and what to do, for a person.
    pub fn text_of_worker(&self, worker: &str) -> String {
        Self::of_worker(worker, &self.reason)
    }

    /// The same for a breaker that was opened by this code.
    pub fn of_worker(worker: &str, reason: &str) -> String {
        format!(
            "only worker {worker} has trouble ({reason}): look at its key, its network and its clock"
        )
    }
}

impl Stranger {
    /// Returns who shows the key, what is wrong with it and what to do, for a person.
    pub fn text(&self) -> String {
        format!(
            "worker {} shows a key that was not shown to be this account's ({} mode, fingerprint {}): {}",
            self.worker,
            self.mode,
            self.fingerprint,
            Self::explain(&self.reason)
        )
    }
}
