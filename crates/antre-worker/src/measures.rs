//! The metrics of this process: names, meanings, labels. Everything else that is measured stands in Redis.
//!
//! Each worker counts its own, so a sum over all workers is right. Every counter is there from the start
//! with 0, because a counter that appears with its first event hides that event from `increase()`.

use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

const REQUESTS: &str = "antre_requests_total";
const DURATION: &str = "antre_request_duration_seconds";
const UNUSED_GRANTS: &str = "antre_unused_grants_total";
const STALLS: &str = "antre_watchdog_total";

/// What a request of each request can turn out to be: the words of [`crate::report::Report::word`].
const OUTCOMES: [(&str, &[&str]); 4] = [
    ("create", &["created", "rejected", "ambiguous"]),
    ("lookup", &["adopted", "absent", "expire_first", "found", "done", "lookup_failed"]),
    ("expire", &["expired", "done", "lookup_failed"]),
    ("probe", &["seen", "empty", "forbidden", "silent", "lookup_failed"]),
];
/// What it can be whatever its request.
const OF_EACH_STEP: [&str; 4] = ["limited", "key_refused", "not_sent", "too_late"];
/// What it can be whatever its request, but for probes.
const REFUSED: &str = "refused";

/// Tells the recorder what each metric means. Call it once, when the recorder is there.
pub fn describe() {
    describe_counter!(
        REQUESTS,
        "Requests of this worker to Xendit, by request and by what the answer meant."
    );
    describe_histogram!(
        DURATION,
        Unit::Seconds,
        "How long requests of this worker took, from their first byte to the end of the answer."
    );
    describe_counter!(UNUSED_GRANTS, "Grants of this worker that came too late to be used.");
    describe_counter!(
        STALLS,
        "How often this worker saw that work was ready and allowed and nothing was sent for 10 s."
    );
}

/// Begins every counter of these accounts at 0; what has been counted stays.
pub(crate) fn begin<'a>(accounts: impl Iterator<Item = &'a str>) {
    for account in accounts {
        for (request, outcomes) in OUTCOMES {
            let refused = (request != "probe").then_some(&REFUSED);
            for outcome in outcomes.iter().chain(&OF_EACH_STEP).chain(refused) {
                requests(account, request, outcome).increment(0);
            }
        }
        counter!(UNUSED_GRANTS, "account" => account.to_owned()).increment(0);
        counter!(STALLS, "account" => account.to_owned()).increment(0);
    }
}

/// Counts a request that was answered, or given up, after this time.
pub(crate) fn request(account: &str, request: &'static str, outcome: &'static str, took: Duration) {
    requests(account, request, outcome).increment(1);
    histogram!(DURATION, "account" => account.to_owned(), "request" => request)
        .record(took.as_secs_f64());
}

/// Counts a grant that came too late to be used.
pub(crate) fn unused_grant(account: &str) {
    counter!(UNUSED_GRANTS, "account" => account.to_owned()).increment(1);
}

/// Counts a stall that the watchdog saw.
pub(crate) fn stall(account: &str) {
    counter!(STALLS, "account" => account.to_owned()).increment(1);
}

fn requests(account: &str, request: &'static str, outcome: &'static str) -> metrics::Counter {
    counter!(REQUESTS, "account" => account.to_owned(), "request" => request, "outcome" => outcome)
}

#[cfg(test)]
mod tests;
