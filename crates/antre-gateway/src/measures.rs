//! The metrics of the gateway: names, meanings, labels.

use std::time::Duration;

use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

const REQUESTS: &str = "antre_gateway_requests_total";
const WAITING: &str = "antre_gateway_waiting";
const WAIT: &str = "antre_gateway_wait_seconds";

/// Tells the recorder what each metric means. Call it once, when the recorder is there.
pub fn describe() {
    describe_counter!(
        REQUESTS,
        "Requests to the gateway of this process, by account, caller, route and what the caller got."
    );
    describe_gauge!(WAITING, "Callers that this process holds at the moment.");
    describe_histogram!(WAIT, Unit::Seconds, "How long callers were held.");
}

pub(crate) fn answered(account: &str, caller: &str, route: &'static str, outcome: &'static str) {
    counter!(REQUESTS, "account" => account.to_owned(), "caller" => caller.to_owned(), "route" => route, "outcome" => outcome)
        .increment(1);
}

/// One caller that is held, until it is dropped.
#[derive(Debug)]
pub(crate) struct Held(tokio::time::Instant);

impl Held {
    pub(crate) fn begin() -> Self {
        gauge!(WAITING).increment(1.0);
        Self(tokio::time::Instant::now())
    }

    pub(crate) fn time(&self) -> Duration {
        self.0.elapsed()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        gauge!(WAITING).decrement(1.0);
        histogram!(WAIT).record(self.time().as_secs_f64());
    }
}
