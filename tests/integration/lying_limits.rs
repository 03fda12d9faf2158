//! A 429 that made an invoice all the same: whatever becomes of the job, nobody can pay twice.

use antre_store::operate::Cancelled;
use antre_tests::harness::{Harness, job, steady_settings};
use xendit_sim::{Act, Answer, Fault, RequestKind};

const BILL: &str = "INV-1";

/// Starts a Xendit that answers the first create with 429 and makes its invoice.
async fn with_a_liar() -> Harness {
    let harness = Harness::start(&steady_settings()).await;
    let headers = [("retry-after".to_owned(), Some("0".to_owned()))].into();
    let limited = Act::Status { status: 429, body: None, headers };
    harness.fault(Fault::on(RequestKind::Create, limited).after_creation().times(1));
    harness
}

async fn found_by_the_next_job(harness: &Harness) {
    let id = harness.submit_one(&job(BILL)).await;
    let result = harness.result(&id).await;
    assert_eq!(result["state"], "done", "{result} {}", harness.steps(BILL));
    harness.finish_follow_ups().await;
    let payable = harness.payable(BILL);
    assert_eq!(payable.len(), 1, "{} {payable:?}", harness.steps(BILL));
    assert_eq!(result["invoice_id"], *payable[0].id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rejected_afterwards_its_successor_finds_the_invoice() {
    let harness = with_a_liar().await;
    let body = Some(Answer::Json(serde_json::json!({
        "error_code": "API_VALIDATION_ERROR", "message": "not today"
    })));
    let rejected = Act::Status { status: 400, body, headers: [].into() };
    harness.creates_fail(rejected, 1);
    let _worker = harness.worker("worker");
    let id = harness.submit_one(&job(BILL)).await;
    let result = harness.result(&id).await;
    assert_eq!(result["error"]["code"], "API_VALIDATION_ERROR", "{result}");
    assert_eq!((harness.steps(BILL).as_str(), harness.payable(BILL).len()), ("CC", 1));
    found_by_the_next_job(&harness).await;
    assert!(harness.steps(BILL).starts_with("CCL"), "{}", harness.steps(BILL));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retried_by_a_person_after_the_rejection_it_finds_the_invoice() {
    let harness = with_a_liar().await;
    harness.creates_fail(Act::status(400), 1);
    let _worker = harness.worker("worker");
    let id = harness.submit_one(&job(BILL)).await;
    assert_eq!(harness.result(&id).await["state"], "dead");
    harness.queue.retry(std::slice::from_ref(&id)).await.unwrap();
    harness.until_done(1).await;
    assert!(harness.steps(BILL).starts_with("CCL"), "{}", harness.steps(BILL));
    harness.finish_follow_ups().await;
    assert_eq!(harness.payable(BILL).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelled_afterwards_its_successor_finds_the_invoice() {
    let harness = with_a_liar().await;
    let slow = Fault::on(RequestKind::Create, Act::DelayAnswer { ms: 300 });
    harness.fault(slow.times(1));
    let worker = harness.worker("worker");
    let id = harness.submit_one(&job(BILL)).await;
    harness.until("it has arrived", async |harness| !harness.requests(BILL).is_empty()).await;
    harness.queue.pause("tester", "so that it can be cancelled", None).await.unwrap();
    harness
        .until("it waits again", async |harness| harness.field(&id, "state").await == "waiting")
        .await;
    assert_eq!(harness.queue.cancel(&id).await.unwrap(), Cancelled::Cancelled);
    assert_eq!(harness.payable(BILL).len(), 1);
    harness.queue.resume("tester").await.unwrap();
    found_by_the_next_job(&harness).await;
    assert!(harness.steps(BILL).starts_with("CL"), "{}", harness.steps(BILL));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn created_a_second_time_one_of_the_two_is_expired() {
    let harness = with_a_liar().await;
    let _worker = harness.worker("worker");
    found_by_the_next_job(&harness).await;
    assert_eq!(harness.xendit.invoices(BILL).len(), 2);
    assert_eq!(harness.queue.status().await.unwrap().totals.surplus, 1);
}
