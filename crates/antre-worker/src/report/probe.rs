//! What answers to a probe mean: whose the worker's key is, and whether Xendit answers.

use antre_core::mode::Mode;
use antre_store::finish::Probed;
use antre_xendit::api::outcome::{Failure, NewestOutcome};

use super::Meaning;

/// Reads the answer to a probe with a key of `mode`.
pub(super) fn after(mode: Mode, status: Option<u16>, outcome: NewestOutcome) -> Probed {
    let mut probed = Probed { mode: mode.as_str(), ..Probed::default() };
    match outcome {
        NewestOutcome::Invoice { user_id } => {
            probed.outcome = "seen";
            probed.user_id = user_id.unwrap_or_default();
        }
        NewestOutcome::Empty => probed.outcome = "empty",
        NewestOutcome::Limited(limited) => {
            probed.outcome = "limited";
            "RATE_LIMIT_EXCEEDED".clone_into(&mut probed.code);
            probed.wait_us = limited.wait.as_micros().to_string();
        }
        NewestOutcome::KeyRefused(refusal) => {
            (probed.outcome, probed.code) = ("key_refused", refusal.code);
        }
        NewestOutcome::Forbidden(refusal) => {
            (probed.outcome, probed.code) = ("forbidden", refusal.code);
        }
        NewestOutcome::NotSent(not_sent) => {
            probed.outcome = "not_sent";
            not_sent.cause.code().clone_into(&mut probed.code);
        }
        NewestOutcome::Failed(failure) => {
            (probed.outcome, probed.code) = (failed(status, &failure), failure.code);
        }
    }
    probed
}

/// A server that refuses the question on its merits is there and knows the key, which is all that it tells.
fn failed(status: Option<u16>, failure: &Failure) -> &'static str {
    let is_refusal = status.is_some_and(|status| {
        matches!(status, 400 | 404 | 405 | 422) && !failure.code.starts_with("http_")
    });
    if is_refusal { "silent" } else { "lookup_failed" }
}

/// Returns what it means that nothing is known of the answer.
pub(super) fn unanswered(code: &str) -> Meaning {
    Meaning::Probe(Probed { outcome: "lookup_failed", code: code.to_owned(), ..Probed::default() })
}
