//! What the answer to the request for the newest invoice says about a key: the rules by which the queue judges it, too.

use antre_core::Mode;
use antre_operating::explain_stranger;
use antre_store::status::Owner;
use antre_xendit::api::outcome::NewestOutcome;

/// The key that was tried, without the key.
pub(super) struct Shown<'a> {
    pub(super) fingerprint: String,
    pub(super) mode: Mode,
    pub(super) base_url: &'a str,
}

/// What is found about the key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Fine(String),
    Note(String),
    Fault(String),
}

/// Judges the key that showed this.
pub(super) fn of(owner: &Owner, shown: &Shown<'_>, outcome: &NewestOutcome) -> Verdict {
    let is_known = owner.keys.contains(&shown.fingerprint);
    match outcome {
        NewestOutcome::Invoice { .. } | NewestOutcome::Empty => answered(owner, shown, outcome),
        NewestOutcome::Forbidden(refusal) if is_known => Verdict::Note(format!(
            "the key may not read invoices (403 {}): a job that must be looked up cannot end; give the key the \
             right to read",
            refusal.code
        )),
        NewestOutcome::Forbidden(_) => stranger("forbidden"),
        NewestOutcome::KeyRefused(refusal) => Verdict::Fault(format!(
            "Xendit refuses the key (401 {}): put a key of this account into the configuration",
            refusal.code
        )),
        NewestOutcome::Limited(_) => Verdict::Note(
            "Xendit answered 429, so nothing else is known of the key: does another program use the account?"
                .to_owned(),
        ),
        NewestOutcome::NotSent(not_sent) => Verdict::Fault(format!(
            "Xendit cannot be reached at {} ({}): look at the network and the base URL",
            shown.base_url, not_sent.cause
        )),
        NewestOutcome::Failed(failure) => Verdict::Fault(format!(
            "no list of invoices came from {} ({}): is that Xendit?",
            shown.base_url, failure.code
        )),
    }
}

fn answered(owner: &Owner, shown: &Shown<'_>, newest: &NewestOutcome) -> Verdict {
    let user_id =
        if let NewestOutcome::Invoice { user_id } = newest { user_id.as_deref() } else { None };
    let works = match user_id {
        Some(user_id) => format!("the key works ({} mode, {user_id} at Xendit)", shown.mode),
        None => format!("the key works ({} mode)", shown.mode),
    };
    if owner.keys.contains(&shown.fingerprint) {
        return Verdict::Fine(works);
    }
    if owner.keys.is_empty() {
        return Verdict::Fine(format!("{works}; it is the first key of this account"));
    }
    let ours = owner.user_id.as_deref();
    let other = if owner.mode != Some(shown.mode) {
        Some("other_mode")
    } else if ours.is_some() && user_id.is_some() && ours != user_id {
        Some("other_account")
    } else if ours.is_some() && *newest == NewestOutcome::Empty {
        Some("no_invoices")
    } else {
        None
    };
    match other {
        Some(reason) if owner.may_have_sent => stranger(reason),
        Some(reason) => Verdict::Note(format!(
            "{works}, but {}; as nothing was sent yet, it is let in once no worker has the old key",
            explain_stranger(reason)
        )),
        None if owner.may_have_sent && (ours.is_none() || user_id.is_none()) => {
            stranger("unproven")
        }
        None => Verdict::Fine(format!("{works}; it is new, and workers that have it are let in")),
    }
}

fn stranger(reason: &str) -> Verdict {
    Verdict::Fault(explain_stranger(reason))
}

#[cfg(test)]
mod tests;
