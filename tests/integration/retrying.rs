//! The retry law, measured at the receiver: 1, 2, 4 units between the tries, dead after the fourth.

use std::time::Duration;

use antre_store::{operate::Retried, settings::Settings};
use antre_tests::harness::{Harness, job, job_with, steady_settings, waited};
use serde_json::json;
use xendit_sim::{Act, Arrival, RequestKind};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn settings() -> Settings {
    let mut settings = steady_settings();
    settings.retry_delays = "20ms,40ms,80ms".parse().unwrap();
    settings
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_create_is_tried_four_times_with_growing_waits_and_then_dead() {
    let harness = Harness::start(&settings()).await;
    harness.creates_fail(Act::status(500), 4);
    let id = harness.submit_one(&job("INV-1")).await;
    let _worker = harness.worker("worker");
    let result = harness.result(&id).await;
    assert_eq!(result["state"], "dead");
    assert_eq!(
        (&result["error"]["code"], &result["error"]["status"]),
        (&json!("http_500"), &json!(500))
    );
    assert!(result["response"]["error_code"].is_string(), "Xendit's last words: {result}");
    assert_eq!(result["attempts"], 4);
    assert_eq!(harness.steps("INV-1"), "CLCLCLCL", "each look-up precedes the next create");

    let requests = harness.requests("INV-1");
    // After an absent answer the next create goes at once: the waits lie before the look-ups.
    let none = Duration::ZERO;
    let waits = [ms(20), none, ms(40), none, ms(80), none, ms(80)];
    assert!(waited(&requests, &waits), "{requests:?}");
    let creates: Vec<Arrival> =
        requests.into_iter().filter(|one| one.kind == RequestKind::Create).collect();
    assert!(waited(&creates, &[ms(20), ms(40), ms(80)]), "{creates:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revived_job_looks_first_and_has_its_whole_budget_again() {
    let harness = Harness::start(&settings()).await;
    harness.creates_fail(Act::status(500), 4);
    let id = harness.submit_one(&job("INV-1")).await;
    let _worker = harness.worker("worker");
    assert_eq!(harness.result(&id).await["state"], "dead");

    harness.creates_fail(Act::status(500), 3);
    let revived = harness.queue.retry(std::slice::from_ref(&id)).await.unwrap();
    assert_eq!(revived, [Retried::Revived]);
    let result = harness.result(&id).await;
    assert_eq!(result["state"], "done", "{result}");
    assert_eq!(result["attempts"], 4);
    assert_eq!(harness.steps("INV-1"), "CLCLCLCL".to_owned() + "LCLCLCLC");
    assert_eq!(harness.payable("INV-1").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_may_ask_for_no_retries_at_all() {
    let harness = Harness::start(&settings()).await;
    harness.creates_fail(Act::status(500), 1);
    let once = job_with("INV-1", &json!({}), &json!({ "max_retries": 0 }));
    let id = harness.submit_one(&once).await;
    let _worker = harness.worker("worker");
    let result = harness.result(&id).await;
    assert_eq!((&result["state"], &result["attempts"]), (&json!("dead"), &json!(1)));
    assert_eq!(harness.steps("INV-1"), "CL");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_of_an_earlier_try_is_not_the_reason_of_the_end() {
    let harness = Harness::start(&settings()).await;
    harness.creates_fail(Act::status(500), 1);
    harness.creates_fail(Act::Close, 1);
    let twice = job_with("INV-1", &json!({ "currency": "php" }), &json!({ "max_retries": 1 }));
    let id = harness.submit_one(&twice).await;
    let _worker = harness.worker("worker");
    let result = harness.result(&id).await;
    assert_eq!(
        (&result["state"], &result["currency"]),
        (&json!("dead"), &json!("PHP")),
        "{result}"
    );
    assert_eq!((&result["error"]["status"], &result["response"]), (&json!(null), &json!(null)));
    assert_eq!(result["error"]["code"], "connection_lost", "{result}");
    assert_eq!(harness.field(&id, "error_response").await, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rejected_job_is_dead_at_once_with_xendits_words() {
    let harness = Harness::start(&settings()).await;
    let invoice = json!({ "currency": "EUR" });
    let id =
        harness.submit_one(&job_with("INV-1", &invoice, &json!({ "reference": "row 7" }))).await;
    let _worker = harness.worker("worker");
    let result = harness.result(&id).await;
    assert_eq!(result["error"]["code"], "UNSUPPORTED_CURRENCY");
    assert_eq!(result["reference"], "row 7");
    assert_eq!(result["attempts"], 1);
    assert_eq!(harness.xendit.ledger().totals().requests, 1);
}
