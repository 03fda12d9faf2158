//! A bill with two invoices of ours: the paid one stays, else the oldest; the others are expired.

use antre_tests::stage::{Stage, job_with, steady_settings};
use serde_json::{Value, json};
use xendit_sim::Status;

/// Starts a job whose bill has two invoices with our mark already; `pay` chooses one to be paid.
async fn with_two_invoices(
    pay: impl FnOnce([&str; 2]) -> Option<&str>,
) -> (Stage, String, [String; 2]) {
    let stage = Stage::start(&steady_settings()).await;
    stage.queue.pause("tester", "until both were made", None).await.unwrap();
    let looking = job_with("INV-1", &json!({}), &json!({ "check_first": true }));
    let id = stage.submit_one(&looking).await;
    let ours = json!({ "external_id": "INV-1", "amount": 350_000,
        "metadata": { "antre_job": format!("default/{id}") } });
    let older = stage.bystander_creates(&ours).await;
    let newer = stage.bystander_creates(&ours).await;
    if let Some(paid) = pay([&older, &newer]) {
        stage.xendit.pay(paid).unwrap();
    }
    stage.queue.resume("tester").await.unwrap();
    (stage, id, [older, newer])
}

async fn result_once_the_surplus_is_gone(stage: &Stage, id: &str) -> Value {
    let _worker = stage.worker("worker");
    let result = stage.result(id).await;
    stage.until("one is left", async |stage| stage.payable("INV-1").len() == 1).await;
    stage
        .until("no chore is left", async |stage| stage.queue.status().await.unwrap().chores == 0)
        .await;
    result
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_oldest_of_two_is_adopted_and_the_other_expired() {
    let (stage, id, [older, newer]) = with_two_invoices(|_| None).await;
    let result = result_once_the_surplus_is_gone(&stage, &id).await;
    assert_eq!(result["invoice_id"], older);
    let invoices = stage.xendit.invoices("INV-1");
    assert_eq!((&*invoices[1].id, invoices[1].status), (newer.as_str(), Status::Expired));
    assert_eq!(stage.steps("INV-1"), "CCLX");
    assert_eq!(stage.queue.status().await.unwrap().totals.surplus, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_paid_one_of_two_is_adopted_although_it_is_the_newer() {
    let (stage, id, [older, newer]) = with_two_invoices(|[_, newer]| Some(newer)).await;
    let result = result_once_the_surplus_is_gone(&stage, &id).await;
    assert_eq!(
        (&result["invoice_id"], &result["response"]["status"]),
        (&newer.into(), &"PAID".into())
    );
    let invoices = stage.xendit.invoices("INV-1");
    assert_eq!((&*invoices[0].id, invoices[0].status), (older.as_str(), Status::Expired));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unpaid_one_with_another_amount_is_expired_before_the_bill_gets_its_own() {
    let stage = Stage::start(&steady_settings()).await;
    stage.queue.pause("tester", "until it was made", None).await.unwrap();
    let looking = job_with("INV-1", &json!({}), &json!({ "check_first": true }));
    let id = stage.submit_one(&looking).await;
    let mark = format!("default/{id}");
    let other =
        json!({ "external_id": "INV-1", "amount": 1_000, "metadata": { "antre_job": mark } });
    let other = stage.bystander_creates(&other).await;
    stage.queue.resume("tester").await.unwrap();
    let _worker = stage.worker("worker");
    let result = stage.result(&id).await;
    assert_eq!(result["state"], "done", "{result}");
    assert_ne!(result["invoice_id"], other);
    assert_eq!(stage.steps("INV-1"), "CLXLC");
    assert_eq!(stage.payable("INV-1").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paid_one_with_another_amount_ends_the_job_for_a_person() {
    let stage = Stage::start(&steady_settings()).await;
    stage.queue.pause("tester", "until it was paid", None).await.unwrap();
    let looking = job_with("INV-1", &json!({}), &json!({ "check_first": true }));
    let id = stage.submit_one(&looking).await;
    let mark = format!("default/{id}");
    let other =
        json!({ "external_id": "INV-1", "amount": 1_000, "metadata": { "antre_job": mark } });
    let other = stage.bystander_creates(&other).await;
    stage.xendit.pay(&other).unwrap();
    stage.queue.resume("tester").await.unwrap();
    let _worker = stage.worker("worker");
    let result = stage.result(&id).await;
    assert_eq!(result["error"]["code"], "paid_other_amount", "{result}");
    assert_eq!(stage.steps("INV-1"), "CL");
}
