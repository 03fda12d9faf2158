//! The meaning of a status, in the words that every page, route and log of Antre uses.

use antre_store::status::{Breaker, Stranger};

/// What it means that no replica confirms claims, and what to do.
pub const NO_REPLICA: &str = "no replica of redis confirms claims in time, so nothing is sent: bring a replica back, \
    or set durability = \"local\"";

/// What it means that grants come too late to be used, and what to do.
pub(crate) const TOO_LATE: &str = "redis answers too late for the send deadline, so nothing is sent: run workers nearer to redis, or raise send_within";

/// What it means that bills get invoices that were paid before, and what to do.
pub(crate) const ALREADY_PAID: &str = "jobs got invoices that their customers had paid before, so nothing new was billed: \
     give each new bill an external_id of its own (warning already_paid in the results)";

/// Returns what an account's open breaker means, for a person.
pub(crate) fn of_breaker(breaker: &Breaker) -> String {
    let reason = &breaker.reason;
    if breaker.is_for_creates {
        format!(
            "Xendit answers look-ups but creates no invoices ({reason}); jobs wait and one create at a time tries on"
        )
    } else {
        format!(
            "Xendit, the network or the key does not work ({reason}); jobs wait and one probe tries on"
        )
    }
}

/// Returns what it means that the breaker of one worker was opened by this code, and what to do, for a person.
pub fn of_closed_worker(worker: &str, reason: &str) -> String {
    format!(
        "only worker {worker} has trouble ({reason}): look at its key, its network and its clock"
    )
}

/// Returns who shows the key, what is wrong with it and what to do, for a person.
pub(crate) fn of_stranger(stranger: &Stranger) -> String {
    format!(
        "worker {} shows a key that was not shown to be this account's ({} mode, fingerprint {}): {}",
        stranger.worker,
        stranger.mode,
        stranger.fingerprint,
        explain_stranger(&stranger.reason)
    )
}

/// Returns what the reason of a [`Stranger`] means and what to do, for a person.
pub fn explain_stranger(reason: &str) -> String {
    let text = match reason {
        "unproven" => {
            "nothing shows yet whose the key is; it is asked again by itself, or run antre account accept-key if it is right"
        }
        "other_account" => {
            "the key is of another account at Xendit: give the worker this account's key"
        }
        "other_mode" => {
            "the key is of another mode (test or live): give the worker a key of this account's mode"
        }
        "no_invoices" => {
            "the key's account has no invoices although this one has: give the worker this account's key"
        }
        "forbidden" => {
            "the key may not read invoices, so it cannot show whose it is: run antre account accept-key if it is right"
        }
        code => {
            return format!(
                "no answer to the question whose the key is ({code}); it is asked again"
            );
        }
    };
    text.to_owned()
}
