//! What Xendit says is left is believed when our own log does not explain it.

use antre_tests::harness::{Harness, job, jobs, steady_settings};
use serde_json::json;
use xendit_sim::{Act, Answer};

/// Lets the first create answer with an invoice and these words about the quota.
async fn first_answer_says(remaining: &str) -> (Harness, antre_tests::fleet::RunningWorker) {
    let harness = Harness::start(&steady_settings()).await;
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
    harness
        .creates_fail(Act::Status { status: 200, body: Some(Answer::Json(invoice)), headers }, 1);
    let worker = harness.worker("worker");
    let id = harness.submit_one(&job("FIRST")).await;
    assert_eq!(harness.result(&id).await["state"], "done");
    (harness, worker)
}

/// Returns until when the first answer's words hold, in milliseconds of Redis' clock.
async fn reset_ms(harness: &Harness) -> u64 {
    harness.pacer("budget_until_us").await.parse::<u64>().unwrap() / 1_000
}

/// Returns when a job was claimed, in milliseconds of Redis' clock.
async fn claimed_ms(harness: &Harness, id: &str) -> u64 {
    harness.field(id, "claimed_at").await.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_remaining_pauses_until_the_reset() {
    let (harness, _worker) = first_answer_says("0").await;
    assert_eq!(harness.pacer("budget").await, "0");
    let reset_ms = reset_ms(&harness).await;
    let id = harness.submit_one(&job("SECOND")).await;
    assert_eq!(harness.result(&id).await["state"], "done");
    let claimed_ms = claimed_ms(&harness, &id).await;
    assert!(claimed_ms >= reset_ms, "claimed {} ms too early", reset_ms - claimed_ms);
    assert_eq!(harness.queue.status().await.unwrap().totals.limited, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_remainder_that_our_grants_do_not_explain_is_spent_and_then_waited_for() {
    let (harness, _worker) = first_answer_says("3").await;
    let reset_ms = reset_ms(&harness).await;
    let ids = harness.submit(&jobs("MORE", 5)).await;
    harness.until_done(6).await;
    let mut claimed = Vec::new();
    for id in &ids {
        claimed.push(claimed_ms(&harness, id).await);
    }
    claimed.sort_unstable();
    let late = claimed.iter().filter(|claimed_ms| **claimed_ms >= reset_ms).count();
    assert!(late >= 2, "the remainder is three: {claimed:?}, reset at {reset_ms}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_remainder_that_our_grants_explain_changes_nothing() {
    let (harness, _worker) = first_answer_says("9").await;
    assert_eq!(harness.pacer("budget").await, "");
}
