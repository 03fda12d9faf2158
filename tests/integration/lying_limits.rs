//! A 429 that made an invoice all the same: whatever becomes of the job, nobody can pay twice.

use antre_store::operate::Cancelled;
use antre_tests::stage::{Stage, job, steady_settings};
use xendit_sim::{Act, Answer, Fault, RequestKind};

const BILL: &str = "INV-1";

/// Starts a Xendit that answers the first create with 429 and makes its invoice.
async fn with_a_liar() -> Stage {
    let stage = Stage::start(&steady_settings()).await;
    let headers = [("retry-after".to_owned(), Some("0".to_owned()))].into();
    let limited = Act::Status { status: 429, body: None, headers };
    stage.fault(Fault::on(RequestKind::Create, limited).after_creation().times(1));
    stage
}

async fn found_by_the_next_job(stage: &Stage) {
    let id = stage.submit_one(&job(BILL)).await;
    let result = stage.result(&id).await;
    assert_eq!(result["state"], "done", "{result} {}", stage.steps(BILL));
    stage.finish_chores().await;
    let payable = stage.payable(BILL);
    assert_eq!(payable.len(), 1, "{} {payable:?}", stage.steps(BILL));
    assert_eq!(result["invoice_id"], *payable[0].id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rejected_afterwards_its_successor_finds_the_invoice() {
    let stage = with_a_liar().await;
    let body = Some(Answer::Json(serde_json::json!({
        "error_code": "API_VALIDATION_ERROR", "message": "not today"
    })));
    let rejected = Act::Status { status: 400, body, headers: [].into() };
    stage.creates_fail(rejected, 1);
    let _worker = stage.worker("worker");
    let id = stage.submit_one(&job(BILL)).await;
    let result = stage.result(&id).await;
    assert_eq!(result["error"]["code"], "API_VALIDATION_ERROR", "{result}");
    assert_eq!((stage.steps(BILL).as_str(), stage.payable(BILL).len()), ("CC", 1));
    found_by_the_next_job(&stage).await;
    assert!(stage.steps(BILL).starts_with("CCL"), "{}", stage.steps(BILL));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retried_by_a_person_after_the_rejection_it_finds_the_invoice() {
    let stage = with_a_liar().await;
    stage.creates_fail(Act::status(400), 1);
    let _worker = stage.worker("worker");
    let id = stage.submit_one(&job(BILL)).await;
    assert_eq!(stage.result(&id).await["state"], "dead");
    stage.queue.retry(std::slice::from_ref(&id)).await.unwrap();
    stage.until_done(1).await;
    assert!(stage.steps(BILL).starts_with("CCL"), "{}", stage.steps(BILL));
    stage.finish_chores().await;
    assert_eq!(stage.payable(BILL).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelled_afterwards_its_successor_finds_the_invoice() {
    let stage = with_a_liar().await;
    let slow = Fault::on(RequestKind::Create, Act::DelayAnswer { ms: 300 });
    stage.fault(slow.times(1));
    let worker = stage.worker("worker");
    let id = stage.submit_one(&job(BILL)).await;
    stage.until("it has arrived", async |stage| !stage.requests(BILL).is_empty()).await;
    stage.queue.pause("tester", "so that it can be cancelled", None).await.unwrap();
    stage.until("it waits again", async |stage| stage.field(&id, "state").await == "waiting").await;
    assert_eq!(stage.queue.cancel(&id).await.unwrap(), Cancelled::Cancelled);
    assert_eq!(stage.payable(BILL).len(), 1);
    stage.queue.resume("tester").await.unwrap();
    found_by_the_next_job(&stage).await;
    assert!(stage.steps(BILL).starts_with("CL"), "{}", stage.steps(BILL));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn created_a_second_time_one_of_the_two_is_expired() {
    let stage = with_a_liar().await;
    let _worker = stage.worker("worker");
    found_by_the_next_job(&stage).await;
    assert_eq!(stage.xendit.invoices(BILL).len(), 2);
    assert_eq!(stage.queue.status().await.unwrap().totals.surplus, 1);
}
