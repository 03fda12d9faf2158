//! What Xendit says is left is believed when our own log does not explain it.

use std::time::Duration;

use antre_tests::stage::{Stage, job, jobs, steady_settings};
use serde_json::json;
use xendit_sim::{Act, Answer, Arrival};

const RESET: Duration = Duration::from_millis(700);

/// Lets the first create answer with an invoice and these words about the quota.
async fn first_answer_says(remaining: &str) -> (Stage, antre_tests::fleet::RunningWorker) {
    let stage = Stage::start(&steady_settings()).await;
    let invoice = json!({ "id": "6748105a77f16ebe0cc583a7", "status": "PENDING",
        "external_id": "FIRST", "amount": 350_000, "invoice_url": "https://checkout.invalid/1" });
    let headers = [
        ("rate-limit-limit", "10"),
        ("rate-limit-remaining", remaining),
        ("rate-limit-reset", "0.7"),
    ];
    let headers = headers
        .map(|(name, value)| (name.to_owned(), Some(value.to_owned())))
        .into_iter()
        .collect();
    stage.creates_fail(Act::Status { status: 200, body: Some(Answer::Json(invoice)), headers }, 1);
    let worker = stage.worker("worker");
    let id = stage.submit_one(&job("FIRST")).await;
    assert_eq!(stage.result(&id).await["state"], "done");
    (stage, worker)
}

/// Returns how long after the first answer the others came.
fn after_the_first(arrivals: &[Arrival]) -> Vec<Duration> {
    let answered_us = arrivals[0].finished_us.unwrap();
    let others = arrivals.iter().skip(1);
    others.map(|one| Duration::from_micros(one.arrived_us.saturating_sub(answered_us))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_remaining_pauses_until_the_reset() {
    let (stage, _worker) = first_answer_says("0").await;
    let id = stage.submit_one(&job("SECOND")).await;
    assert_eq!(stage.result(&id).await["state"], "done");
    let waits = after_the_first(&stage.xendit.ledger().arrivals());
    assert!(waits[0] >= RESET, "{waits:?}");
    assert_eq!(stage.queue.status().await.unwrap().total("limited"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_remainder_that_our_grants_do_not_explain_is_spent_and_then_waited_for() {
    let (stage, _worker) = first_answer_says("3").await;
    stage.submit(&jobs("MORE", 5)).await;
    stage.until_done(6).await;
    let waits = after_the_first(&stage.xendit.ledger().arrivals());
    assert_eq!(waits.len(), 5);
    assert!(waits[3] >= RESET && waits[4] >= RESET, "{waits:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_remainder_that_our_grants_explain_changes_nothing() {
    let (stage, _worker) = first_answer_says("9").await;
    assert_eq!(stage.pacer("budget").await, "");
}
