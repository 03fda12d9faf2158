use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::Value;
use xendit_sim::Options;

use crate::support::{Xendit, unlimited};

fn limited(limits: &str) -> Options {
    Options { limits: limits.parse().unwrap(), ..Options::default() }
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).unwrap().to_str().unwrap()
}

#[tokio::test]
async fn the_request_over_the_limit_is_refused_and_makes_nothing() {
    let xendit = Xendit::with(limited("2/1h")).await;
    for remaining in ["1", "0"] {
        let answer = xendit.creating("INV-1").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "Rate-Limit-Limit"), "2");
        assert_eq!(header(&answer, "Rate-Limit-Remaining"), remaining);
    }
    let refused = xendit.creating("INV-1").send().await.unwrap();
    assert_eq!(refused.status(), 429);
    assert_eq!(header(&refused, "Rate-Limit-Remaining"), "0");
    let reset: f64 = header(&refused, "Rate-Limit-Reset").parse().unwrap();
    assert!((3_000.0..=3_600.0).contains(&reset), "{reset}");
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["error_code"], "RATE_LIMIT_EXCEEDED");

    assert_eq!(xendit.running.invoices("INV-1").len(), 2);
    let summary = xendit.running.summary(Duration::from_hours(1));
    assert_eq!((summary.totals.count_429, summary.most_in_any_window), (1, 3));
}

#[tokio::test]
async fn all_endpoints_share_the_limit_unless_it_is_per_endpoint() {
    for (limits_per_endpoint, status) in [(false, 429), (true, 200)] {
        let xendit = Xendit::with(Options { limits_per_endpoint, ..limited("1/1h") }).await;
        xendit.create("INV-1").await;
        assert_eq!(xendit.get("/v2/invoices").await.status(), status);
    }
}

#[tokio::test]
async fn each_account_has_a_limit_of_its_own() {
    let xendit = Xendit::with(limited("1/1h")).await;
    for key in ["first", "second"] {
        for status in [200, 429] {
            let listing = xendit.request(Method::GET, "/v2/invoices").basic_auth(key, Some(""));
            assert_eq!(listing.send().await.unwrap().status(), status, "{key}");
        }
    }
    assert_eq!(xendit.running.summary(Duration::from_hours(1)).accounts.len(), 2);
}

#[tokio::test]
async fn limits_change_while_it_runs_and_without_any_there_are_no_rate_headers() {
    let xendit = Xendit::with(unlimited()).await;
    let answer = xendit.get("/v2/invoices").await;
    assert_eq!(answer.headers().get("rate-limit-limit"), None);
    xendit.running.set_limits("1/1h".parse().unwrap());
    assert_eq!(xendit.get("/v2/invoices").await.status(), 200);
    assert_eq!(xendit.get("/v2/invoices").await.status(), 429);
}
