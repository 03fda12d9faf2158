//! How often what happened, so that a run that tests nothing is seen.

use std::collections::BTreeMap;
use std::fmt;

/// What 250 runs always contain.
const EXPECTED: [&str; 103] = [
    "read Submitted",
    "read Full",
    "read Closed",
    "claim read",
    "read answered",
    "read not_sent",
    "read lookup_failed",
    "read key_refused",
    "read limited",
    "read expired a bill's invoice",
    "command cancelled",
    "command resolving",
    "command expired",
    "command paid",
    "command too_late",
    "command not_found",
    "command retried",
    "command not_retryable",
    "early cancel",
    "event cancel_asked",
    "event retry_asked",
    "clock_rebased",
    "server_changed",
    "relinked",
    "follow_ups_abandoned",
    "dead crash_loop",
    "dead lookup_refused",
    "raced",
    "rechecked",
    "worker_opened",
    "claim probe",
    "wait alone",
    "stranger unproven",
    "stranger other_account",
    "stranger other_mode",
    "stranger no_invoices",
    "stranger forbidden",
    "probe seen",
    "probe empty",
    "probe silent",
    "probe key_refused",
    "key Accepted",
    "key Other",
    "accepted",
    "attempts",
    "breaker_opened",
    "cancelled",
    "claim create",
    "claim expire",
    "claim lookup",
    "dead",
    "done",
    "duplicates",
    "idle",
    "lapsed",
    "limited",
    "revived",
    "surplus",
    "unused",
    "wait breaker",
    "wait limit",
    "wait limited",
    "wait pace",
    "wait paused",
    "wait quota",
    "answer abandoned",
    "answer absent",
    "answer adopted",
    "answer ambiguous",
    "answer created",
    "answer expire_first",
    "answer key_refused",
    "answer limited",
    "answer lookup_failed",
    "answer not_sent",
    "answer refused",
    "answer REFUSED",
    "follow_up done",
    "retry Revived",
    "retry Unchangeable",
    "cancel TooLate",
    "event breaker_closed",
    "event breaker_opened",
    "event cancelled",
    "event follow_up_abandoned",
    "event clock_rebased",
    "event discarded",
    "event duplicate",
    "event key_accepted",
    "event key_accepted_by",
    "event lapsed",
    "event limited",
    "event paused",
    "event recheck",
    "event rejected",
    "event relinked",
    "event resumed",
    "event retrying",
    "event revived",
    "event server_changed",
    "event surplus",
    "event worker_closed",
    "event worker_opened",
];

/// Counts by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coverage(BTreeMap<String, u64>);

impl Coverage {
    pub(crate) fn count(&mut self, name: &str) {
        self.add(name, 1);
    }

    pub(crate) fn add(&mut self, name: &str, count: u64) {
        *self.0.entry(name.to_owned()).or_default() += count;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (name, count) in &other.0 {
            self.add(name, *count);
        }
    }

    /// Returns what never happened although it should have.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        let is_missing = |name: &&str| self.0.get(*name).is_none_or(|count| *count == 0);
        EXPECTED.into_iter().filter(is_missing).collect()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<_> = self.0.iter().map(|(name, count)| format!("{name} {count}")).collect();
        f.write_str(&counts.join(", "))
    }
}
