//! The meaning of answers to a probe: whose the worker's key is, and whether Xendit answers.

use antre_core::job_outcome::ProbeOutcome;
use antre_xendit::api::outcome::Failure;
use antre_xendit::api::outcome::NewestOutcome;

/// Reads the answer to a probe.
pub(super) fn after(status: Option<u16>, outcome: NewestOutcome) -> ProbeOutcome {
    match outcome {
        NewestOutcome::Invoice { user_id } => ProbeOutcome::Seen { account_id: user_id },
        NewestOutcome::Empty => ProbeOutcome::Empty,
        NewestOutcome::Limited(limited) => ProbeOutcome::Limited(limited),
        NewestOutcome::KeyRefused(refusal) => ProbeOutcome::KeyRefused { code: refusal.code },
        NewestOutcome::Forbidden(refusal) => ProbeOutcome::Forbidden { code: refusal.code },
        NewestOutcome::NotSent(reason) => {
            ProbeOutcome::NotSent { code: reason.cause.code().to_owned() }
        }
        NewestOutcome::Failed(failure) if is_refusal(status, &failure) => {
            ProbeOutcome::Silent { code: failure.code }
        }
        NewestOutcome::Failed(failure) => unanswered(&failure.code),
    }
}

/// A server that refuses the question on its merits is there and knows the key, which is all that it tells.
fn is_refusal(status: Option<u16>, failure: &Failure) -> bool {
    status.is_some_and(|status| {
        matches!(status, 400 | 404 | 405 | 422) && !failure.code.starts_with("http_")
    })
}

/// Returns what it means that nothing is known of the answer.
pub(super) fn unanswered(code: &str) -> ProbeOutcome {
    ProbeOutcome::LookUpFailed { code: code.to_owned() }
}
